/** Values that tell what they are: whoever reads one can see whether it is whole, and of which key. */

const LENGTHS = [20, 60, 200, 900, 3000, 12_000, 40_000]

export function makeValue(key, number) {
  const head = `${key}|${number}|`
  const fill = String.fromCharCode(97 + (number % 26))
  return head.padEnd(LENGTHS[number % LENGTHS.length], fill)
}

export function isWholeValue(key, value) {
  const [ofKey, number] = value.split('|', 2)
  return ofKey === key && value === makeValue(key, Number(number))
}

export function keyOf(index) {
  return `key:${index}`
}
