// Sizes, limits, sentinels and status codes. Imports nothing. Also read by src/engine, to which u32 and i32
// are numbers (src/engine/wasm-types.d.ts).

export const LAYOUT_VERSION: u32 = 4
export const MAGIC: u32 = 0x5453_5448 // "HTST"

// --- memory map (layout.ts draws it) ---
export const CONTROL_PTR: u32 = 1024
export const CLASS_TABLE_PTR: u32 = 2048
export const REGISTRY_PTR: u32 = 4096
export const REGISTRY_SLOT_BYTES: u32 = 64
/** Fields of a slot: who holds it (src/engine/registry.ts), and when that thread began. */
export const REGISTRY_HOLDER: u32 = 0
export const REGISTRY_STARTED_AT: u32 = 8
export const MAX_THREADS: u32 = 128
export const THREADS_PTR: u32 = 16384
export const THREAD_BYTES: u32 = 155648
export const DYNAMIC_PTR: u32 = 19939328 // THREADS_PTR + MAX_THREADS * THREAD_BYTES
/** After the last page, so that what a torn read takes for an entry at its end stays inside the memory. */
export const GUARD_BYTES: u32 = 1024
export const WASM_PAGE_BYTES: u32 = 65536

// --- thread area ---
export const RING_RECORDS: u32 = 512
export const RING_OFFSET: u32 = 512
/** Behind the key staging: what the access log knows of each shard, then scratch (sync/access-log.ts). */
export const DRAIN_OFFSET: u32 = 152576
export const TAG_STAGING_OFFSET: u32 = 2560
export const VALUE_STAGING_OFFSET: u32 = 4096
export const VALUE_STAGING_BYTES: u32 = 16384
export const KEY_STAGING_OFFSET: u32 = 20480
export const KEY_STAGING_BYTES: u32 = 131072
/** Keys of one batch: a row each at the front of the key staging (struct/batch.ts). */
export const MAX_BATCH_KEYS: u32 = 128
export const BATCH_ROW_BYTES: u32 = 16
export const MAX_KEY_CHARS: u32 = 65536
export const MAX_TAGS: u32 = 32
export const MAX_TAG_NAMES_BYTES: u32 = 1100

// --- thread fields (struct/thread.ts draws them) ---
export const THREAD_DRAW: u32 = 4
export const THREAD_NOTIFY: u32 = 8
export const THREAD_PENDING: u32 = 12
export const THREAD_VALUE_BYTES: u32 = 16
export const THREAD_ENTRY: u32 = 24
export const THREAD_HASH: u32 = 28
export const THREAD_STAMP_INDEX: u32 = 32
export const THREAD_STAMP: u32 = 36
export const THREAD_VERSION: u32 = 40
export const THREAD_HITS: u32 = 44
export const THREAD_FLAGS: u32 = 48
export const THREAD_SEQUENCE: u32 = 52
export const THREAD_TAG_EPOCH: u32 = 56
export const THREAD_PRIORITY: u32 = 60
export const THREAD_EXPIRES_AT: u32 = 64
export const THREAD_CREATED_AT: u32 = 72
export const THREAD_LIFETIME_MS: u32 = 80
export const THREAD_STALE_MS: u32 = 88
export const THREAD_ENTRY_BYTES: u32 = 96
export const THREAD_TAG_COUNT: u32 = 100
export const THREAD_TAG_NAMES_BYTES: u32 = 104
export const THREAD_PIECE_PTR: u32 = 108
export const THREAD_PIECE_BYTES: u32 = 112
export const THREAD_PIECE_NEXT: u32 = 116
export const THREAD_KEY_BYTES: u32 = 120
export const THREAD_CURSOR: u32 = 124
export const THREAD_SET_TAG_COUNT: u32 = 128
export const THREAD_SET_TAG_NAMES_BYTES: u32 = 132
export const THREAD_SET_TAG_EPOCH: u32 = 136
export const THREAD_SET_STALE_MS: u32 = 144
export const THREAD_LEASE: u32 = 156
export const THREAD_LEASE_GENERATION: u32 = 140
/** A word that only barriers touch. */
export const THREAD_BARRIER: u32 = 152
export const THREAD_HIT_COUNT: u32 = 160
export const THREAD_MISS_COUNT: u32 = 168
export const THREAD_NEAR_HIT_COUNT: u32 = 176
export const THREAD_PROBLEM_COUNT: u32 = 184
export const THREAD_PROBLEMS: u32 = 192 // up to MAX_PROBLEMS pairs (invariant, where)
export const MAX_PROBLEMS: u32 = 32
export const THREAD_CORRUPT_COUNT: u32 = 448
/** What locks call this thread: its slot + 1, and above LOCK_SLOT_BITS how often the slot was given away. */
export const THREAD_LOCK_NAME: u32 = 464
export const LOCK_SLOT_BITS: u32 = 8
/** Whether the thread's last set found its key (assembly/foresight.ts). */
export const THREAD_OVERWRITES: u32 = 472
/** Where what is read ahead ends: nobody reads it. */
export const THREAD_SINK: u32 = 476
export const LOCK_WAITERS: u32 = 0x8000_0000

// --- control fields ---
export const CONTROL_MAGIC: u32 = 0
export const CONTROL_LAYOUT_VERSION: u32 = 4
export const CONTROL_SHARD_COUNT: u32 = 12
export const CONTROL_POLICY: u32 = 16
export const CONTROL_MAX_ENTRY_BYTES: u32 = 20
export const CONTROL_LOCK_TIMEOUT_MS: u32 = 24
export const CONTROL_STAMPS_PTR: u32 = 28
export const CONTROL_STAMP_COUNT: u32 = 32
export const CONTROL_TAGS_PTR: u32 = 36
export const CONTROL_TAG_BUCKETS: u32 = 40
export const CONTROL_SHARDS_PTR: u32 = 44
export const CONTROL_PAGE_TABLE_PTR: u32 = 48
export const CONTROL_PAGES_PTR: u32 = 52
export const CONTROL_PAGE_COUNT: u32 = 56
export const CONTROL_OVERHEAD_BYTES: u32 = 60
export const CONTROL_SEED: u32 = 64 // 4 x u64
export const CONTROL_TAG_EPOCH: u32 = 128
/** The epochs of the last hard and of the last soft invalidation of a tag. */
export const CONTROL_HARD_EPOCH: u32 = 132
export const CONTROL_SOFT_EPOCH: u32 = 136
export const CONTROL_POOL_LOCK: u32 = 192
export const CONTROL_POOL_FREE_HEAD: u32 = 196
export const CONTROL_POOL_FREE_COUNT: u32 = 200
export const CONTROL_POOL_BUMP: u32 = 204
export const CONTROL_POOL_RESERVE: u32 = 208
export const CONTROL_POOL_STRAYS: u32 = 212
export const CONTROL_LEASES_PTR: u32 = 220
export const CONTROL_LEASES_PER_SHARD: u32 = 224
/** How many registry slots were ever used: those from here on have no counts. */
export const CONTROL_SLOTS_USED: u32 = 228
export const CONTROL_FAVOR: u32 = 232
/** Pages that threads leave to the shards (layout.ts). */
export const CONTROL_LEAST_PAGES: u32 = 236

// --- pages and size classes ---
export const PAGE_SHIFT: u32 = 14
export const PAGE_BYTES: u32 = 16384
export const PAGE_ENTRY_BYTES: u32 = 20
export const MAX_CHUNK_BYTES: u32 = 2048
export const CLASS_4K: u32 = 44
export const CLASS_8K: u32 = 45
export const CLASS_16K: u32 = 46
export const CLASS_INDEX: u32 = 47
export const CLASS_RAW: u32 = 48
export const CLASS_COUNT: u32 = 49
export const CLASS_FREE_PAGE: u32 = 255

// --- shards ---
export const SHARD_BYTES: u32 = 8192
export const SHARD_VERSIONS_OFFSET: u32 = 24
export const SHARD_CLASSES_OFFSET: u32 = 2880
export const MAX_SHARDS: u32 = 64
export const SEGMENT_BYTES: u32 = 4096
export const GROUP_COUNT: u32 = 64
export const GROUP_SLOTS: u32 = 12
export const SEGMENT_SPLIT_COUNT: u32 = 668

// --- entries ---
export const ENTRY_HEADER_BYTES: u32 = 32
export const MAX_VALUE_BYTES: u32 = 536870911
export const MAX_HITS: u32 = 32767
export const MAX_PRIORITY: u32 = 255

// --- entry flags, as they stand in the entry's meta word and in the thread's FLAGS result ---
export const FLAG_WIDE_KEY: u32 = 0x0040_0000
export const FLAG_EXPIRY: u32 = 0x0080_0000
export const FLAG_TAGS: u32 = 0x0100_0000
export const FLAG_CHAINED: u32 = 0x0200_0000
export const FLAG_SLIDING: u32 = 0x0400_0000
export const FLAG_LONG_EXPIRY: u32 = 0x0800_0000
export const FLAG_STALE: u32 = 0x1000_0000

// --- value types that the engine itself knows (src/cache/value-type.ts has all) ---
export const TYPE_FREE: u32 = 0
export const TYPE_NUMBER: u32 = 3
/** A chunk of an entry that is being built and not yet in the index. */
export const TYPE_PENDING: u32 = 14
export const TYPE_CONTINUATION: u32 = 15
/** Set in what get() returns when the value was not staged but has to be read piece by piece. */
export const LARGE_VALUE: u32 = 0x100

// --- policies ---
export const POLICY_LRU: u32 = 0
export const POLICY_LFU: u32 = 1
export const POLICY_FIFO: u32 = 2
export const POLICY_TTL: u32 = 3
export const POLICY_PRIORITY: u32 = 4
export const POLICY_ADAPTIVE: u32 = 5

// --- what policy `adaptive` is to hit most ---
export const FAVOR_OBJECTS: u32 = 0
export const FAVOR_BYTES: u32 = 1
export const FAVOR_COST: u32 = 2
/** How far left of an entry's priority, in what set() is told of it, its cost stands: 0 to 7. */
export const COST_SHIFT: u32 = 14

// --- modes of set(): how, or-ed with SET_SLIDING ---
export const SET_ALWAYS: u32 = 0
export const SET_IF_ABSENT: u32 = 1
export const SET_IF_VERSION: u32 = 2
/** Only under this thread's lease of the key, not void; its generation stands where the version does. */
export const SET_IF_LEASED: u32 = 3
/** For a load without a lease: only while the key's stamp is still the one that stands there. */
export const SET_IF_STAMPED: u32 = 4
export const SET_SLIDING: u32 = 0x100
export const SET_MODE_MASK: u32 = 0xff

// --- leases (struct/lease.ts draws them) ---
export const LEASE_HOLDER: u32 = 4
export const LEASE_GENERATION: u32 = 8
export const LEASE_VOID: u32 = 0x8000_0000

// --- beginLoad(): how, and what came of it ---
export const LEASE_PATIENT: u32 = 0
export const LEASE_UNLESS_DEAD: u32 = 1
export const LEASE_FORCED: u32 = 2
/** As LEASE_PATIENT, but for a value that is there and is to be loaded anew. */
export const LEASE_AHEAD: u32 = 3
export const LEASE_NONE: i32 = 0
export const LEASE_TAKEN: i32 = 1
export const LEASE_HELD: i32 = 2
/** Nothing to load: the key has a live value. */
export const LEASE_NEEDLESS: i32 = 3

// --- modes of get(): PEEK and STALE may be or-ed ---
export const GET_COUNTED: u32 = 0
export const GET_PEEK: u32 = 1
export const GET_STALE: u32 = 2
/** Also notes what a near cache needs: the key's stamp, and the epoch of the tags. */
export const GET_STAMPED: u32 = 4

// --- status codes ---
export const STATUS_STORED: i32 = 1
export const STATUS_UNCHANGED: i32 = 0
export const STATUS_TOO_LARGE: i32 = -1
export const STATUS_BUSY: i32 = -2
export const STATUS_FULL: i32 = -3
export const STATUS_WRONG_TYPE: i32 = -4
export const STATUS_MISS: i32 = 0
/** Of getByText(): a key of other than Latin-1 characters; it is to be staged as it is. */
export const TEXT_IS_WIDE: i32 = -1

// --- why an entry went ---
export const REMOVED_EVICT: u32 = 0
export const REMOVED_EXPIRE: u32 = 1
export const REMOVED_DELETE: u32 = 2
export const REMOVED_REPLACE: u32 = 3
export const REMOVED_CLEAR: u32 = 4
/** Found invalid (tags) or undecodable; reported to users as a delete. */
export const REMOVED_INVALID: u32 = 5

// --- numbers of stat() ---
export const STAT_ENTRIES: u32 = 0
export const STAT_STALE_ENTRIES: u32 = 1
export const STAT_PAGES: u32 = 2
export const STAT_SETS: u32 = 3
export const STAT_DELETES: u32 = 4
export const STAT_EVICTIONS: u32 = 5
export const STAT_EXPIRATIONS: u32 = 6
export const STAT_TOO_LARGE: u32 = 7
export const STAT_LOCK_TIMEOUTS: u32 = 8
export const STAT_USED_BYTES: u32 = 9
export const STAT_PAYLOAD_BYTES: u32 = 10
export const STAT_SEGMENTS: u32 = 11
export const STAT_REPLACEMENTS: u32 = 12
export const STAT_MOVES: u32 = 13
export const STAT_INVALIDATIONS: u32 = 14
export const STAT_REPAIRS: u32 = 15

// --- bounds of the work that one call may do ---
export const WHEEL_STEPS_PER_WRITE: u32 = 32
export const WHEEL_STEPS_WHEN_FULL: u32 = 256
