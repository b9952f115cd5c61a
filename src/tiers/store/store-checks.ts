/** Whether what was given as a store is one. */
import { InvalidOptionError } from '../../cache/errors.js'
import { callback } from '../../cache/option-checks.js'
import type { Store } from './store.js'

const REQUIRED = ['save', 'remove'] as const
const OPTIONAL = ['load', 'loadMany', 'saveMany', 'removeMany'] as const

/** @throws InvalidOptionError */
export function checkStore<V>(store: Store<V>): void {
  if (typeof store !== 'object' || store === null) {
    throw new InvalidOptionError('store', store, 'an object with save and remove')
  }
  for (const name of REQUIRED) {
    if (typeof store[name] !== 'function') {
      throw new InvalidOptionError(`store.${name}`, store[name], 'a function')
    }
  }
  for (const name of OPTIONAL) callback(`store.${name}`, store[name])
}
