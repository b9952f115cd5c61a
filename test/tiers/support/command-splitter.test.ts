/** The commands in what a Redis client sends, however it arrives. */
import { expect, it } from 'vitest'
import { CommandSplitter } from './command-splitter.js'

const GET = '*2\r\n$3\r\nget\r\n$1\r\na\r\n'
/** Its value looks like a command. */
const SET = `*3\r\n$3\r\nSET\r\n$1\r\na\r\n$${GET.length}\r\n${GET}\r\n`

it('finds the same commands wherever the bytes are cut', () => {
  const all = Buffer.from(GET + SET + GET)
  for (let cut = 0; cut <= all.length; cut++) {
    const splitter = new CommandSplitter()
    const commands = [
      ...splitter.push(all.subarray(0, cut)),
      ...splitter.push(all.subarray(cut)),
    ].map(({ name, bytes }) => [name, bytes.toString()])
    expect(commands).toEqual([
      ['GET', GET],
      ['SET', SET],
      ['GET', GET],
    ])
  }
})

it('finds them byte by byte', () => {
  const splitter = new CommandSplitter()
  const names = [...Buffer.from(SET + GET)].flatMap((byte) =>
    splitter.push(Buffer.of(byte)).map(({ name }) => name),
  )
  expect(names).toEqual(['SET', 'GET'])
})

it('passes what is no array of bulk strings, without a name', () => {
  const commands = new CommandSplitter().push(Buffer.from('PING\r\n'))
  expect(commands).toEqual([{ name: '', bytes: Buffer.from('PING\r\n') }])
})
