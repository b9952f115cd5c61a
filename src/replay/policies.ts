/** The policies a replay can be asked for: all that hotset has. */
import type { Policy } from '../cache/options.js'

export type { Policy }

export const POLICIES: readonly Policy[] = ['adaptive', 'lru', 'lfu', 'fifo', 'ttl', 'priority']
