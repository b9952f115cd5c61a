/**
 * Access logs of nginx and Apache, in the common or the combined format:
 *
 *   127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif?b HTTP/1.0" 200 2326 ...
 *
 * 1. The key is the request's target, query included; the size is the bytes that were sent.
 * 2. Only GET and HEAD are what a cache could answer: other requests are skipped, and counted.
 * 3. A 304 without a body, and a HEAD, say nothing about the object's size.
 * 4. What precedes the time (a virtual host, say) and what follows the size does not matter.
 */

import { type AccessBlock, NO_TTL, READ, UNKNOWN_SIZE } from '../access.js'
import { latin1 } from '../latin1.js'
import { BACKSLASH, find, NOT_A_NUMBER, QUOTE, readUnsigned, SPACE } from './bytes.js'
import type { ParserReport, TraceFormat } from './format.js'
import { type LineParser, LineReader } from './line-reader.js'
import { LogTime } from './log-time.js'
import { mostLines } from './recognise.js'

const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93
const MINUS = 45
const LETTER_G = 71
const LETTER_H = 72
const NOT_MODIFIED = 304

class AccessLogLine implements LineParser {
  private readonly time = new LogTime()

  constructor(private readonly report: ParserReport) {}

  line(bytes: Buffer, start: number, end: number, block: AccessBlock): string | undefined {
    const timeStart = find(bytes, OPEN_BRACKET, start, end) + 1
    if (timeStart > end) return 'no [time]'
    const requestStart = find(bytes, QUOTE, find(bytes, CLOSE_BRACKET, timeStart, end), end) + 1
    if (requestStart > end) return 'no "request"'
    const requestEnd = closingQuote(bytes, requestStart, end)
    if (requestEnd === end) return 'the request is not closed with a quote'
    const timeMs = this.time.readMs(bytes, timeStart, end)
    if (timeMs === NOT_A_NUMBER) return 'the time is not as in [10/Oct/2000:13:55:36 -0700]'

    const statusStart = requestEnd + 2
    const statusEnd = find(bytes, SPACE, statusStart, end)
    const status = readUnsigned(bytes, statusStart, statusEnd)
    if (status === NOT_A_NUMBER) return 'the status is not a number'
    const sizeStart = statusEnd + 1
    const sizeEnd = find(bytes, SPACE, sizeStart, end)
    const isDash = sizeEnd === sizeStart + 1 && bytes[sizeStart] === MINUS
    const sentBytes = isDash ? 0 : readUnsigned(bytes, sizeStart, sizeEnd)
    if (sentBytes === NOT_A_NUMBER) return 'the bytes sent are not a number'

    const targetStart = find(bytes, SPACE, requestStart, requestEnd) + 1
    const targetEnd = find(bytes, SPACE, targetStart, requestEnd)
    if (targetStart >= targetEnd) return 'the request has no path'
    if (!isRead(bytes, requestStart, targetStart - requestStart)) {
      this.report.skipped()
      return undefined
    }
    const unknown = sentBytes === 0 && (status === NOT_MODIFIED || bytes[requestStart] === LETTER_H)
    const key = latin1(bytes, targetStart, targetEnd)
    block.push(key, unknown ? UNKNOWN_SIZE : sentBytes, timeMs, NO_TTL, READ)
    return undefined
  }
}

/** `GET ` or `HEAD `, told by the first letter and the length: no other method has both. */
function isRead(bytes: Buffer, start: number, length: number): boolean {
  return (bytes[start] === LETTER_G && length === 4) || (bytes[start] === LETTER_H && length === 5)
}

function closingQuote(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return Math.min(at, end)
}

export const accessLogFormat: TraceFormat = {
  name: 'access-log',
  summary: 'nginx and Apache access logs, common or combined: the path is the key',
  endings: [],
  recognise: (head) => mostLines(head, (line) => /\[\d\d\/[A-Z][a-z]{2}\/\d{4}:.*\] "/.test(line)),
  hasTime: () => true,
  createParser: (_options, report) => new LineReader(new AccessLogLine(report), report),
}
