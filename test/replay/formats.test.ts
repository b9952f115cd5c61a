/** Each format: what its lines mean, and what becomes of broken ones. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BLOCK_ACCESSES,
  DELETE,
  NO_TTL,
  READ,
  UNKNOWN_SIZE,
  UNKNOWN_TIME,
  WRITE,
} from '../../src/replay/access.js'
import { bigEndian, keysOf, oracleRecord, parse } from './parse-helpers.js'

const OCTOBER = Date.UTC(2000, 9, 10, 20, 55, 36)

describe('keys', () => {
  it('takes each line as a key, with or without carriage returns and a last line feed', () => {
    expect(parse('keys', 'a\r\nb c\n\n"d"').rows).toEqual([
      ['a', UNKNOWN_SIZE, UNKNOWN_TIME, NO_TTL, READ],
      ['b c', UNKNOWN_SIZE, UNKNOWN_TIME, NO_TTL, READ],
      ['"d"', UNKNOWN_SIZE, UNKNOWN_TIME, NO_TTL, READ],
    ])
  })

  it('keeps keys in other encodings apart', () => {
    expect(new Set(keysOf(parse('keys', 'é\nè\né\n'))).size).toBe(2)
  })

  it('reports a line of more than a megabyte and goes on behind it', () => {
    const parsed = parse('keys', `a\n${'x'.repeat(1_100_000)}\nb\n`, {}, 65_536)
    expect(keysOf(parsed)).toEqual(['a', 'b'])
    expect(parsed.broken).toEqual([[2, 'longer than 1048576 bytes']])
  })
})

describe('lirs', () => {
  it('skips lines that begin with an asterisk', () => {
    const parsed = parse('lirs', '1\r\n*\r\n2\r\n')
    expect(keysOf(parsed)).toEqual(['1', '2'])
    expect(parsed.skipped).toBe(1)
  })

  it('reports what is no block number', () => {
    expect(parse('lirs', '1\nx\n3\n').broken).toEqual([[2, 'not a block number']])
  })
})

describe('arc', () => {
  it('turns a line into a run of pages', () => {
    expect(keysOf(parse('arc', '5 3 0 1\n9 1 0 2\n'))).toEqual(['5', '6', '7', '9'])
  })

  it('hands out a run that is longer than a block', () => {
    const keys = keysOf(parse('arc', `0 ${2 * BLOCK_ACCESSES + 1} 0 0\n7 1 0 1`))
    expect(keys).toHaveLength(2 * BLOCK_ACCESSES + 2)
    expect(keys.at(-2)).toBe(String(2 * BLOCK_ACCESSES))
    expect(keys.at(-1)).toBe('7')
  })

  it('reports lines without two numbers, and runs that nothing can be', () => {
    expect(parse('arc', '1\nx 1 0 0\n1 y 0 0\n1 99999999999 0 0\n4 1 0 0\n')).toMatchObject({
      rows: [['4', UNKNOWN_SIZE, UNKNOWN_TIME, NO_TTL, READ]],
      broken: [
        [1, 'fewer than two numbers'],
        [2, 'the start is not a number'],
        [3, 'the count is not a number'],
        [4, 'the count is above 16777216'],
      ],
    })
  })
})

describe('access-log', () => {
  const COMMON = '1.2.3.4 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif?b=1 HTTP/1.0" 200 2326'

  it('reads the common format', () => {
    expect(parse('access-log', `${COMMON}\n`).rows).toEqual([
      ['/a.gif?b=1', 2326, OCTOBER, NO_TTL, READ],
    ])
  })

  it('reads the combined format, behind a virtual host and with escaped quotes', () => {
    const line = `example.com:80 ${COMMON} "http://a/?\\"" "Mozilla [en]"`
    expect(parse('access-log', line).rows).toEqual([['/a.gif?b=1', 2326, OCTOBER, NO_TTL, READ]])
  })

  it('does not take the size of an object from a 304 or a HEAD', () => {
    const time = '- - - [10/Oct/2000:13:55:36 -0700]'
    const log = `${time} "GET /a HTTP/1.1" 304 0\n${time} "HEAD /b HTTP/1.1" 200 -\n`
    expect(parse('access-log', log).rows.map(([key, size]) => [key, size])).toEqual([
      ['/a', UNKNOWN_SIZE],
      ['/b', UNKNOWN_SIZE],
    ])
  })

  it('skips requests that a cache does not answer', () => {
    const parsed = parse('access-log', `${COMMON.replace('GET', 'POST')}\n${COMMON}\n`)
    expect(parsed).toMatchObject({ skipped: 1, broken: [] })
    expect(parsed.rows).toHaveLength(1)
  })

  it('reports broken lines with their numbers and goes on', () => {
    const log = [
      COMMON,
      'no time',
      '1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] no request',
      COMMON.replace(' HTTP/1.0"', ''),
      COMMON.replace('GET /a.gif?b=1 HTTP/1.0', '\\x16\\x03'),
      COMMON.replace('Oct', 'Okt'),
      COMMON.replace('" 200', '" OK'),
      COMMON.replace('2326', 'many'),
      COMMON,
    ]
    const parsed = parse('access-log', log.join('\n'))
    expect(parsed.rows).toHaveLength(2)
    expect(parsed.broken).toEqual([
      [2, 'no [time]'],
      [3, 'no "request"'],
      [4, 'the request is not closed with a quote'],
      [5, 'the request has no path'],
      [6, 'the time is not as in [10/Oct/2000:13:55:36 -0700]'],
      [7, 'the status is not a number'],
      [8, 'the bytes sent are not a number'],
    ])
  })
})

describe('columns', () => {
  it('reads time, key and size by itself', () => {
    expect(parse('columns', '1 a1 68\n'.replace('a1', '0')).rows).toEqual([
      ['0', 68, 1000, NO_TTL, READ],
    ])
  })

  it('reads the columns it is told, in any unit of time', () => {
    const options = { columns: { key: 3, size: 1, time: 2, ttl: 5, op: 4 }, timeUnitMs: 1 }
    const table = '10,5,"a,b",GET,\n20,6, c ,set,30\n-,7,d,delete,-\n'
    expect(parse('columns', table, options).rows).toEqual([
      ['a,b', 10, 5, NO_TTL, READ],
      ['c', 20, 6, 30_000, WRITE],
      ['d', UNKNOWN_SIZE, 7, NO_TTL, DELETE],
    ])
  })

  it('finds columns by their names in the first line', () => {
    const parsed = parse('columns', 'timestamp;url;bytes\n0.5;/x;7\n')
    expect(parsed.rows).toEqual([['/x', 7, 500, NO_TTL, READ]])
    expect(parsed.skipped).toBe(1)
    const named = parse('columns', 'a\tb\n1\t2\n', { columns: { key: 'b' } })
    expect(keysOf(named)).toEqual(['2'])
  })

  it('refuses to guess the key', () => {
    expect(() => parse('columns', 'a b\nc d\n')).toThrow('name them, such as --columns')
    expect(() => parse('columns', 'a b\n', { columns: { key: 'c' } })).toThrow("no column 'c'")
  })

  it('reports broken lines with their numbers', () => {
    const options = { columns: { time: 1, key: 2, size: 3, op: 4 } }
    const table = '1,a,1,get\n2\n3,b,x,get\nx,c,1,get\n4,d,1,frobnicate\n5,e,-1,get\n6,f,1,set\n'
    const parsed = parse('columns', table, options)
    expect(keysOf(parsed)).toEqual(['a', 'f'])
    expect(parsed.broken).toEqual([
      [2, 'no column 2 for the key'],
      [3, 'the size is not a number'],
      [4, 'the time is not a number'],
      [5, 'an unknown operation'],
      [6, 'the size is not a number'],
    ])
  })
})

describe('twitter', () => {
  it('reads, writes and deletes as the operations say', () => {
    const trace = [
      '0,a,1,10,7,get,0',
      '1,b,b,3,20,7,set,60',
      '2,c,1,0,7,delete,0',
      '3,d,1,8,7,incr,0',
      '4,e,1,9,7,prepend,1.5',
    ]
    expect(parse('twitter', trace.join('\n')).rows).toEqual([
      ['a', 10, 0, NO_TTL, READ],
      ['b,b', 20, 1000, 60_000, WRITE],
      ['c', 0, 2000, NO_TTL, DELETE],
      ['d', 8, 3000, NO_TTL, READ],
      ['e', 9, 4000, 1500, WRITE],
    ])
  })

  it('reports broken lines with their numbers', () => {
    const trace =
      '0,a,1,10,7,get\nx,a,1,1,7,get,0\n0,a,1,x,7,get,0\n0,a,1,1,7,got,0\n0,a,1,1,7,get,x'
    expect(parse('twitter', trace).broken).toEqual([
      [1, 'fewer than seven fields'],
      [2, 'the timestamp is not a number'],
      [3, 'the value size is not a number'],
      [4, 'an unknown operation'],
      [5, 'the TTL is not a number'],
    ])
  })
})

describe('binary formats', () => {
  it('reads records of oracleGeneral, with keys beyond 2^53', () => {
    const trace = Buffer.concat([
      oracleRecord(10, 7n, 512, 2n),
      oracleRecord(11, 2n ** 64n - 1n, 0, -1n),
      oracleRecord(11, 2n ** 52n + 1n, 4, -1n),
    ])
    expect(parse('oracleGeneral', trace).rows).toEqual([
      ['7', 512, 10_000, NO_TTL, READ],
      ['18446744073709551615', 0, 11_000, NO_TTL, READ],
      ['4503599627370497', 4, 11_000, NO_TTL, READ],
    ])
  })

  it('reads big-endian keys', () => {
    expect(keysOf(parse('u32be', bigEndian(1, 0xffffffff)))).toEqual(['1', '4294967295'])
  })

  it('reads pairs of seconds and key', () => {
    expect(parse('slt', bigEndian(3, 9)).rows).toEqual([['9', UNKNOWN_SIZE, 3000, NO_TTL, READ]])
  })

  it('reports a record that is cut off at the end', () => {
    const parsed = parse('slt', Buffer.concat([bigEndian(3, 9), Buffer.alloc(5)]))
    expect(parsed.rows).toHaveLength(1)
    expect(parsed.broken).toEqual([[2, '5 of 8 bytes']])
  })
})

describe('chunks', () => {
  const text = 'a\r\nbb\n\n*\nccc\n12 7 0 1\n-\n1,k,1,2,3,get,0\nlast'
  const binary = Buffer.concat(
    Array.from({ length: 9 }, (_, i) => oracleRecord(i, BigInt(i), i, -1n)),
  )

  it.each(['keys', 'lirs', 'arc', 'twitter', 'access-log', 'oracleGeneral', 'u32be', 'slt'])(
    '%s finds the same wherever the chunks are cut',
    (format) => {
      const content = ['oracleGeneral', 'u32be', 'slt'].includes(format) ? binary : text
      const whole = parse(format, content)
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 60 }), (chunkBytes) => {
          expect(parse(format, content, {}, chunkBytes)).toEqual(whole)
        }),
      )
    },
  )

  it.each(['keys', 'lirs', 'arc', 'twitter', 'access-log', 'oracleGeneral', 'u32be', 'slt'])(
    '%s survives any bytes',
    (format) => {
      fc.assert(
        fc.property(
          fc.uint8Array({ maxLength: 300 }),
          fc.integer({ min: 1, max: 50 }),
          (bytes, cut) => {
            const { rows } = parse(format, Buffer.from(bytes), {}, cut)
            expect(
              rows.every(([key, size]) => typeof key === 'string' && size >= UNKNOWN_SIZE),
            ).toBe(true)
          },
        ),
      )
    },
  )
})
