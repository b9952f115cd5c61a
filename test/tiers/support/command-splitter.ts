/**
 * Cuts what a Redis client sends into whole commands: arrays of bulk strings. Anything else, such as an
 * inline command, passes as one piece without a name.
 */

export interface RespCommand {
  /** In capitals; empty if this is no array of bulk strings. */
  readonly name: string
  readonly bytes: Buffer
}

const LINE_END = '\r\n'

export class CommandSplitter {
  #rest: Buffer = Buffer.alloc(0)

  /** The commands that are whole with these bytes; what is left over waits for more. */
  push(bytes: Buffer): RespCommand[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    const commands: RespCommand[] = []
    for (let command = this.#first(); command !== undefined; command = this.#first()) {
      commands.push(command)
      this.#rest = this.#rest.subarray(command.bytes.length)
    }
    return commands
  }

  #first(): RespCommand | undefined {
    const rest = this.#rest
    if (rest.length === 0) return undefined
    const count = this.#lengthAt(0, '*')
    if (count === 'no') return { name: '', bytes: rest }
    if (count === 'more') return undefined
    let at = count.end
    let name = ''
    for (let index = 0; index < count.value; index++) {
      const bulk = this.#lengthAt(at, '$')
      if (bulk === 'no') return { name: '', bytes: rest }
      if (bulk === 'more') return undefined
      if (index === 0) name = rest.toString('latin1', bulk.end, bulk.end + bulk.value).toUpperCase()
      at = bulk.end + bulk.value + LINE_END.length
    }
    return at <= rest.length ? { name, bytes: rest.subarray(0, at) } : undefined
  }

  /** The number after a mark, and where its line ends; 'more': not all of it is there yet. */
  #lengthAt(at: number, mark: string): { value: number; end: number } | 'more' | 'no' {
    if (at >= this.#rest.length) return 'more'
    if (this.#rest.toString('latin1', at, at + 1) !== mark) return 'no'
    const lineEnd = this.#rest.indexOf(LINE_END, at)
    if (lineEnd < 0) return 'more'
    const value = Number(this.#rest.toString('latin1', at + 1, lineEnd))
    return { value, end: lineEnd + LINE_END.length }
  }
}
