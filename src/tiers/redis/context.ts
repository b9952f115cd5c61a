/** What the parts of one open tier share. */
import type { RedisGraph } from '../rules/redis-graph.js'
import type { TierHost } from '../tier.js'
import type { Invalidations } from './invalidations.js'
import type { KeyNames } from './key-names.js'
import type { Link } from './link.js'
import type { NewsDesk } from './news-desk.js'
import type { RedisSettings } from './options.js'

export interface Context {
  readonly host: TierHost
  readonly settings: RedisSettings
  readonly names: KeyNames
  readonly link: Link
  readonly invalidations: Invalidations
  readonly news: NewsDesk
  readonly graph: RedisGraph
  readonly isCluster: boolean
}
