/**
 * What is done about damaged rows other than entries: tags, deletions and edges, which say that something is not
 * valid any more. Until it is mended such a row is met as saying the most that it may have said.
 *
 * 1. After mending nothing counts that the row may have been about, and the row is no longer damaged.
 * 2. Where it cannot be told what a row was about, everything in the file goes.
 * 3. A damaged row is told once, however often it is met before it is mended.
 * 4. A row whose key is damaged is asked for by nobody. So all are looked at when a file is opened that was not
 *    closed in order, and again by the upkeep.
 */
import { nextFrom, toBuffer } from './databases.js'
import { DamagedEntryError } from './errors.js'
import { isWhole } from './sealed-row.js'
import { encodeTagRecord, invalidatedNow, isOfItsTag } from './tag-records.js'
import type { DamagedRow, Transaction } from './transaction.js'

/**
 * Notes which of the next so many rows are damaged.
 * @param from where the step before ended; undefined: begin
 * @returns where the next begins; undefined: that was the last
 */
export function noteDamagedRows(
  transaction: Transaction,
  name: DamagedRow['name'],
  from: Buffer | undefined,
  limit: number,
): Buffer | undefined {
  const range = from === undefined ? { limit } : { start: from, limit }
  const keys: Buffer[] = []
  for (const { key, value } of transaction.databases[name].getRange(range)) {
    keys.push(toBuffer(key))
    if (!isWhole(toBuffer(key), toBuffer(value))) transaction.noteDamage(name, key)
  }
  return nextFrom(keys, limit)
}

interface MenderParts {
  tell(error: Error): void
  /** Rejects where it is not done. */
  run<Result>(work: (transaction: Transaction) => Result): Promise<Result>
  /** Everything in the file went. */
  onWiped(): void
}

export class Mender {
  readonly #parts: MenderParts
  readonly #underWay = new Set<string>()

  constructor(parts: MenderParts) {
    this.#parts = parts
  }

  mendAll(rows: readonly DamagedRow[]): void {
    for (const row of rows) {
      const id = `${row.name} ${row.key.toString('latin1')}`
      if (this.#underWay.has(id)) continue
      this.#underWay.add(id)
      this.#parts.tell(new DamagedEntryError(`the checksum of a row of '${row.name}' is wrong`))
      void this.#mend(row).finally(() => this.#underWay.delete(id))
    }
  }

  async #mend(row: DamagedRow): Promise<void> {
    try {
      const mended = await this.#parts.run((transaction) => mend(transaction, row))
      if (mended === 'file') this.#parts.onWiped()
    } catch {
      // It goes on saying the most that it may have said, and is told again.
    }
  }
}

/** What was mended: the row, or everything went; undefined: it was damaged no more. */
function mend(transaction: Transaction, { name, key }: DamagedRow): 'row' | 'file' | undefined {
  const database = transaction.databases[name]
  const value = database.getBinary(key)
  if (value === undefined || isWhole(key, toBuffer(value))) return undefined
  if (name === 'voids') {
    database.remove(key)
    transaction.refuseLoads()
    return 'row'
  }
  if (name === 'tags' && isOfItsTag(key, toBuffer(value))) {
    database.put(key, encodeTagRecord(key, invalidatedNow(transaction.ledger)))
    return 'row'
  }
  transaction.wipe()
  return 'file'
}
