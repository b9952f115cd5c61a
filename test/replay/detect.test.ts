/** Which format a file is taken for. */
import { describe, expect, it } from 'vitest'
import { detectFormat } from '../../src/replay/formats/index.js'
import { bigEndian, oracleRecord } from './parse-helpers.js'

const LOG_LINE = '::1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 23\n'
const ORACLE = Buffer.concat([oracleRecord(1000, 5n, 512, -1n), oracleRecord(1001, 6n, 0, 7n)])

function detect(name: string, head: string | Buffer): string {
  return detectFormat(name, Buffer.from(head), {}).name
}

describe('by name', () => {
  it.each([
    ['a/OLTP.lis.gz', 'arc'],
    ['loop.lirs', 'lirs'],
    ['w106.u32be.zst', 'u32be'],
    ['weblog.slt', 'slt'],
    ['x.oracleGeneral', 'oracleGeneral'],
    ['x.oracleGeneral.bin.zst', 'oracleGeneral'],
  ])('%s is %s', (name, format) => {
    expect(detect(name, '')).toBe(format)
  })
})

describe('by contents', () => {
  it.each([
    ['access.log.1', LOG_LINE, 'access-log'],
    ['access.log', `broken\n${LOG_LINE}${LOG_LINE}`, 'access-log'],
    ['cluster52', '0,k,1,2,3,get,0\n1,k,1,2,3,set,0\n', 'twitter'],
    ['cluster52.csv', '0,k,1,2,3,get,0\n', 'twitter'],
    ['trace', '1 5 0 0\n6 1 0 1\n', 'arc'],
    ['adaptsize.csv', '1 0 68\n2 1 7454\n', 'columns'],
    ['any.csv', 'a,b\nc,d\n', 'columns'],
    ['one.csv', 'a\nb\n', 'keys'],
    ['table', 'time,url,size\n1,/,2\n', 'columns'],
    ['trace', '1\n*\n2\n', 'lirs'],
    ['trace', 'user:1\nuser:2\n', 'keys'],
    ['trace', ORACLE, 'oracleGeneral'],
    ['empty', '', 'keys'],
  ])('%s that begins with %j is %s', (name, head, format) => {
    expect(detect(name, head)).toBe(format)
  })

  it('says so where it cannot be told', () => {
    expect(() => detect('trace', bigEndian(1, 2, 3, 4))).toThrow('cannot tell its format')
    expect(() => detect('trace', 'two words\nthree more words\n')).toThrow('--format')
  })

  it('takes a file for columns where the user names them', () => {
    const options = { columns: { key: 1 } }
    expect(detectFormat('x.lis', Buffer.from('1 2 3 4'), options).name).toBe('columns')
  })
})
