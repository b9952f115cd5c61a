/** A store that is a file: a line for each save, in the order in which they came. A kill loses none of them. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** Of a thousand calls. */
const REFUSED = 50
const MAX_PAUSE_MS = 3

export class LogStore {
  /** @param {string} path @param {() => number} random 0 to 1; without it no call is slow or refused */
  constructor(path, random = undefined) {
    this.path = path
    this.random = random
  }

  async save(key, value) {
    await this.saveMany([{ key, value }])
  }

  async saveMany(items) {
    await this.#beSlow()
    if (this.random !== undefined && this.random() * 1000 < REFUSED) throw new Error('refused')
    appendFileSync(this.path, items.map(({ key, value }) => `${key} ${value}\n`).join(''))
    await this.#beSlow()
  }

  async remove() {
    throw new Error('nothing is removed here')
  }

  /** All values of each key, in order. */
  read() {
    const values = new Map()
    if (!existsSync(this.path)) return values
    for (const line of readFileSync(this.path, 'utf8').split('\n').slice(0, -1)) {
      const [key, value] = line.split(' ')
      if (!values.has(key)) values.set(key, [])
      values.get(key).push(Number(value))
    }
    return values
  }

  async #beSlow() {
    if (this.random !== undefined) await pause(this.random() * MAX_PAUSE_MS)
  }
}
