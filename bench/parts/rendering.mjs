/**
 * The work of the scenario pool-rendering: the Mandelbrot set around a place that the number tells, in
 * grey, then repeated to the size wanted, as a decoder does that makes much out of little.
 */
import { move } from 'piscina'

const SIDE = 96
const MOST_STEPS = 64

/** @returns {Buffer} `bytes` long; the first four tell the number */
export function render({ number, bytes }) {
  const tile = renderTile(number)
  const image = Buffer.allocUnsafeSlow(bytes)
  for (let at = 0; at < bytes; at += tile.length) image.set(tile.subarray(0, bytes - at), at)
  image.writeUInt32LE(number, 0)
  return image
}

/** The same, its memory given to whoever asked. */
export function renderMoved(order) {
  return move(render(order))
}

function renderTile(number) {
  const tile = Buffer.alloc(SIDE * SIDE)
  const left = -0.75 + (number % 97) / 1000
  const top = 0.1 + (number % 89) / 1000
  for (let at = 0; at < tile.length; at++) {
    tile[at] = countSteps(left + (at % SIDE) / 2000, top + Math.floor(at / SIDE) / 2000) * 3
  }
  return tile
}

function countSteps(real, imaginary) {
  let x = 0
  let y = 0
  let steps = 0
  for (; steps < MOST_STEPS && x * x + y * y < 4; steps++) {
    const next = x * x - y * y + real
    y = 2 * x * y + imaginary
    x = next
  }
  return steps
}
