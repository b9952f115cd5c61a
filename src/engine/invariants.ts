/**
 * What `verify()` looks for, as sentences that hold in a sound cache. The numbers are those that
 * assembly/verify.ts reports: 101 on the index, 201 on pages and the pool, 301 on entries, 401 on the
 * policy, 501 on the timing wheel, 601 on counters, 701 on tags.
 *
 * 1. A number keeps its meaning: one that is retired is not used again.
 */
export const INVARIANTS: Readonly<Record<number, string>> = {
  1: 'a lock can be had within the lock timeout',

  101: 'the index directory is no deeper than its room allows',
  102: 'every directory entry refers to a segment in an index page of the shard',
  103: 'no segment is deeper than the directory',
  104: 'a segment of depth d stands in 2^(depth - d) aligned, neighbouring directory entries',
  105: 'the segment counter is the number of segments',
  106: 'the count of a segment is the number of its used slots',
  107: 'every used slot refers to an entry in a chunk of the shard',
  108: 'every entry is in the shard and the segment of its hash',
  109: 'the tag of a slot is that of the entry',
  110: 'the overflow count of a group is the number of entries whose probe passed it, or 255',
  111: 'an empty slot refers to nothing',
  112: 'an entry is found at its slot, and at no other, by its address',
  113: 'the hash of an entry is that of its key',
  114: 'an entry is found at its slot by its key',
  115: 'the index directory of a shard lies among the directories',

  201: 'every page has a size class',
  202: 'a page that is not in the pool has chunks in use, no more than were carved from it',
  203: 'a page is listed exactly when it has room',
  204: 'the chunks in use and the free list of a page add up to what was carved',
  205: 'the free list of a page consists of its free chunks',
  206: 'every free chunk of a page is in its free list',
  207: 'the list of a size class consists of its pages with room, linked both ways',
  208: 'the free chunks of a size class are the sum over its pages',
  209: 'the page counter of a size class is the number of its pages',
  210: 'the surplus bit of a size class is set exactly when its free chunks would fill a page',
  211: 'the page counter of a shard is the number of its pages',
  213: 'every entry in a page is in the index',
  214: 'every continuation chunk in a page is part of an entry in the index',
  215: 'every pending chunk in a page is part of an entry that some thread has reserved',
  216: 'every index chunk in use is a segment of the index',
  217: 'every raw page is one of the policy',
  221: 'every page is in the pool or owned by a shard that exists',
  222: 'the list of the pool consists of pages in the pool',
  223: 'every page in the pool that was ever used is in its list',
  224: 'the free count of the pool is the number of pages that no shard owns',

  301: 'no entry is larger than maxEntryBytes',
  302: 'no key is longer than the longest allowed',
  303: 'the header of an entry, and its content unless chained, lie within one chunk',
  304: 'an entry with a lifetime or a stale period has an expiry',
  305: 'a stale entry, and a sliding one with an expiry, has a lifetime or a stale period',
  306: 'the tags of an entry are as many and as long as allowed',
  307: 'an entry is chained only if one chunk cannot hold it',
  308: 'every link of a chain leads to a continuation chunk of the shard',
  309: 'the next part of a chain refers back to the one before',
  310: 'every part of a chain has content that fits its chunk',
  311: 'the parts of a chain add up to the key and the value',

  401: 'neighbours in a policy list agree on being neighbours',
  402: 'every member of a policy list or heap is an entry of the index',
  403: 'the policy lists and the heap have as many members as the shard has entries',
  404: 'only lists that the policy uses have members',
  405: 'a policy list with members has its bit set',
  406: 'an entry is in the policy list that its state, priority or expiry names',
  407: 'the heap has pages for all its members',
  408: 'every page of the heap is a raw page of the shard',
  409: 'an entry of the heap knows its place in it',
  410: 'an entry of the heap has an expiry, and says that it is in the heap',
  411: 'no entry of the heap goes before its parent',
  412: 'the heap directory of a shard lies among the directories',
  421: 'adaptive: an entry names the queue that it is in',
  422: 'adaptive: the counts of the queues are their lengths, and add up to the entries',
  423: 'adaptive: neighbours in a queue agree on being neighbours',
  424: 'adaptive: sketch and ghost lie within the pages that there are',
  425: 'adaptive: the sweep is at most one past the last block that there can be',
  426: 'adaptive: the configuration is one that there is',
  427: 'adaptive: in a miniature, the nodes in queues are those in chains',
  428: 'adaptive: in a miniature, the count of a queue is its length, and neighbours agree on being so',

  501: 'neighbours in a bucket of the wheel agree on being neighbours',
  502: 'every member of the wheel is an entry of the index with an expiry',
  503: 'the wheel counter is the number of its members, and of the entries that expire',
  504: 'a bucket of the wheel with members has its bit set',
  505: 'an entry is in a bucket of the wheel whose turn comes by the time that it is due',
  506: 'an entry is in the wheel exactly when it expires at some time',

  601: 'the entry counter is the number of entries in the index',
  602: 'the payload counter is the sum of all keys and values',
  603: 'the stale counter is the number of entries marked stale',
  604: 'a shard has no more entries than its part of maxEntries',
  605: 'no change is under way while the shard is locked by a reader',
  606: 'the counter of used bytes is the sum of all chunks in use',

  701: 'no invalidation of a tag is of a later epoch than the last of its kind, nor that than the last of all',
  702: 'the time of a soft invalidation is finite, and not before the cache began',
}

/** What is broken, for `verify().problems`. */
export function describeProblem(invariant: number): string {
  const sentence = INVARIANTS[invariant] ?? 'unknown to this version'
  return `invariant ${invariant} is broken: ${sentence}`
}
