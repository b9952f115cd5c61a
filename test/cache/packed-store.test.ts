/** Values that layers above hand over as the cache encodes them: stored without encoding them again. */
import { expect, it } from 'vitest'
import { insideOf, SharedCache } from '../../src/cache/shared-cache.js'

const VALUES = {
  object: { id: 7, at: new Date(0) },
  text: 'text',
  wide: 'Жук',
  bytes: Buffer.from('b'),
}
const LARGE = { large: 'x'.repeat(200_000), largeBytes: Buffer.alloc(200_000, 1) }

it.each(Object.entries({ ...VALUES, ...LARGE }))('%s is got as it was packed', (key, value) => {
  const cache = new SharedCache<unknown>({ maxBytes: '16mb' })
  const { pack, target, watch } = insideOf(cache)
  const claim = watch(key)
  expect(target.store(key, 'not this', { packed: pack(value) }, claim)).toBe(true)
  expect(cache.get(key)).toEqual(value)
  cache.set('other', 'value after it')
  expect(cache.get('other')).toBe('value after it')
  expect(cache.get(key)).toEqual(value)
  cache.close()
})

it('a packed value is not stored where the key has changed since the claim', () => {
  const cache = new SharedCache<string>({ maxBytes: '16mb' })
  const { pack, target, watch } = insideOf(cache)
  const claim = watch('key')
  cache.set('key', 'newer')
  expect(target.store('key', 'older', { packed: pack('older') }, claim)).toBe(false)
  expect(cache.get('key')).toBe('newer')
  cache.close()
})
