/**
 * What the service answers: each route is a method, a path and a handler that returns `{ status, body, etag }`.
 *
 * 1. Nothing in the store or the cache is changed but by `cache.set`, `cache.delete` and events.
 */
export function createRoutes(cache, database) {
  return [
    ['GET', '/users/:id', showUser],
    ['PUT', '/users/:id', saveUser],
    ['DELETE', '/users/:id', deleteUser],
    ['POST', '/users/:id/posts', addPost],
    ['GET', '/feeds/:id', showFeed],
    ['GET', '/stats', async () => ({ status: 200, body: cache.stats() })],
    ['GET', '/health', showHealth],
  ]

  /** Read-through: the store loads what no tier has. */
  async function showUser({ id }) {
    const user = await cache.get(`user:${id}`)
    if (user === undefined) return { status: 404, body: { error: `no user ${id}` } }
    return { status: 200, body: user, etag: `"${user.version}"` }
  }

  async function saveUser({ id }, { name, follows = [] }) {
    if (typeof name !== 'string') return { status: 400, body: { error: 'a name is needed' } }
    const written = await cache.set(`user:${id}`, { name, follows: follows.map(String) })
    const told = await cache.emit('user.updated', { id })
    return { status: 200, body: { saved: true, tiers: written.tiers, told: told.tiers } }
  }

  async function deleteUser({ id }) {
    const { deleted } = await cache.delete(`user:${id}`)
    await cache.emit('user.updated', { id })
    return { status: 200, body: { cached: deleted === 1 } }
  }

  async function addPost({ id }, { text }) {
    if (typeof text !== 'string') return { status: 400, body: { error: 'a text is needed' } }
    await database.addPost(id, text)
    await cache.emit('post.created', { followers: database.followersOf(id) })
    return { status: 201, body: { author: id, text } }
  }

  /** Cache-aside: computed here, and tagged with all whose names are in it. */
  async function showFeed({ id }) {
    const posts = await cache.getOrSet(`feed:${id}`, ({ setTags }) => {
      const feed = database.feed(id)
      setTags([...new Set(feed.map(({ author }) => `author:${author}`))])
      return feed
    })
    return { status: 200, body: { id, posts } }
  }

  /** 200 as long as the database answers: the cache's tiers may be away. */
  async function showHealth() {
    database.user('nobody')
    const { tiers } = cache.stats()
    const states = Object.entries(tiers).map(([name, { breaker, own }]) => [
      name,
      breaker !== 'closed' || own?.connected === false ? 'down' : 'up',
    ])
    return { status: 200, body: { status: 'ok', pid: process.pid, ...Object.fromEntries(states) } }
  }
}
