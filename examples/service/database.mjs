/**
 * The database: LMDB, which several processes may have open. Yours may be any other; nothing here knows of the
 * cache.
 *
 * 1. A user's version grows with each save, in the transaction that saves.
 */
import { open } from 'lmdb'

const FEED_LENGTH = 20

export class Database {
  #root
  #users
  #posts
  #followers

  constructor(path) {
    this.#root = open({ path })
    this.#users = this.#root.openDB({ name: 'users' })
    this.#posts = this.#root.openDB({ name: 'posts' })
    this.#followers = this.#root.openDB({ name: 'followers' })
  }

  /** `{ id, name, follows, version }`, or undefined. */
  user(id) {
    return this.#users.get(id)
  }

  /** @param follows ids of users */
  saveUser(id, { name, follows = [] }) {
    return this.#root.transaction(() => {
      const before = this.#users.get(id)
      for (const author of before?.follows ?? []) this.#followers.remove([author, id])
      for (const author of follows) this.#followers.put([author, id], true)
      this.#users.put(id, { id, name, follows, version: (before?.version ?? 0) + 1 })
    })
  }

  removeUser(id) {
    return this.#root.transaction(() => {
      for (const author of this.user(id)?.follows ?? []) this.#followers.remove([author, id])
      this.#users.remove(id)
    })
  }

  followersOf(author) {
    const range = this.#followers.getKeys({ start: [author], end: [author, '\uffff'] })
    return range.map(([, follower]) => follower).asArray
  }

  addPost(author, text) {
    return this.#posts.put([author, Date.now(), process.pid], { author, text, at: Date.now() })
  }

  /** The latest posts of those whom a user follows, the newest first, with their authors' names. */
  feed(id) {
    const posts = (this.user(id)?.follows ?? []).flatMap((author) => {
      const range = { start: [author, Infinity], end: [author], reverse: true, limit: FEED_LENGTH }
      return this.#posts.getRange(range).map(({ value }) => value).asArray
    })
    posts.sort((one, other) => other.at - one.at)
    return posts
      .slice(0, FEED_LENGTH)
      .map((post) => ({ ...post, authorName: this.user(post.author)?.name ?? 'somebody' }))
  }

  close() {
    return this.#root.close()
  }
}
