/**
 * Exports whose exceptions do not pass unseen: after a trap the memory may be half changed, and this
 * instance must not touch it again.
 *
 * Why a function of its own for the most frequent calls: one that all exports share would have to
 * look up at each call whom to call (20 ns). As it is, it costs 1 ns.
 */
import type { EngineExports } from './exports.js'

/** @param translate what to throw instead */
export function guardExports(
  raw: EngineExports,
  translate: (error: unknown) => unknown,
): EngineExports {
  const guarded = Object.fromEntries(
    Object.entries(raw).map(([name, call]) => [name, guard(call, translate)]),
  ) as unknown as EngineExports
  return {
    ...guarded,
    get(keyChars, wide, mode) {
      try {
        return raw.get(keyChars, wide, mode)
      } catch (error) {
        throw translate(error)
      }
    },
    getByText(key, keyChars, mode) {
      try {
        return raw.getByText(key, keyChars, mode)
      } catch (error) {
        throw translate(error)
      }
    },
    getMany(count, mode) {
      try {
        return raw.getMany(count, mode)
      } catch (error) {
        throw translate(error)
      }
    },
    set(keyChars, wide, valueBytes, type, mode, ttlMs, priority, version) {
      try {
        return raw.set(keyChars, wide, valueBytes, type, mode, ttlMs, priority, version)
      } catch (error) {
        throw translate(error)
      }
    },
    remove(keyChars, wide, mode, version, reason) {
      try {
        return raw.remove(keyChars, wide, mode, version, reason)
      } catch (error) {
        throw translate(error)
      }
    },
    record(entry, hash) {
      try {
        raw.record(entry, hash)
      } catch (error) {
        throw translate(error)
      }
    },
    drain() {
      try {
        raw.drain()
      } catch (error) {
        throw translate(error)
      }
    },
  }
}

function guard(
  call: (...args: number[]) => number,
  translate: (error: unknown) => unknown,
): (...args: number[]) => number {
  return (...args) => {
    try {
      return call(...args)
    } catch (error) {
      throw translate(error)
    }
  }
}
