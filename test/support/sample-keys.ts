/** Keys that are hard to get right, and some plain ones with a common prefix. */

const LONGEST = 65_536

/** Long ones by a name, which is what a failing test prints. */
const LONG_KEYS: ReadonlyMap<string, string> = new Map([
  ['16 k', 'k'.repeat(16)],
  ['16 k and NUL', `${'k'.repeat(16)}\0`],
  ['24 k', 'k'.repeat(24)],
  ['25 k', 'k'.repeat(25)],
  ['24 k, wide', `${'k'.repeat(24)}ж`],
  ['1000 ÿ', 'ÿ'.repeat(1000)],
  ['1200 ж', 'ж'.repeat(1200)],
  ['4000 n and 1', `${'n'.repeat(4000)}1`],
  ['4000 n and 2', `${'n'.repeat(4000)}2`],
  ['longest', 'q'.repeat(LONGEST)],
  ['longest but one r', `${'q'.repeat(LONGEST - 1)}r`],
  ['longest, wide', `${'q'.repeat(LONGEST - 1)}ж`],
])

const SHORT_KEYS: readonly string[] = [
  '',
  '\0',
  '\0\0',
  '__proto__',
  'constructor',
  // The same bytes, once as Latin-1 and once as UTF-16.
  'a\x01',
  '\u0161',
  'ÿ',
  'Ā',
  'é',
  'e\u0301',
  '\ud800',
  '\udc00',
  '\udc00\ud800',
  '日本語のキー',
  '👩‍👩‍👧',
]

export const PREFIXES: readonly string[] = ['user:', 'item:', 'k', '\ud800', '日']

/** Keys by name; the name of a short one is the key itself. */
export const SAMPLE_KEYS: readonly string[] = [
  ...SHORT_KEYS,
  ...LONG_KEYS.keys(),
  ...Array.from({ length: 8 }, (_, index) => `user:${index}`),
  ...Array.from({ length: 8 }, (_, index) => `item:${index}`),
]

export function keyNamed(name: string): string {
  return LONG_KEYS.get(name) ?? name
}
