/** Rate and time left, and how they are shown: on a clock that the test moves. */
import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createProgress, describeProgress } from '../../src/cli/progress.js'
import { ProgressEstimate } from '../../src/cli/progress-estimate.js'

/** A stream that keeps what is written. */
function screen(isTTY: boolean) {
  let text = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk
      done()
    },
  })
  const terminal = { isTTY, columns: 100, getWindowSize: () => [100, 20] }
  return { stream: Object.assign(stream, terminal) as never, shown: () => text }
}

describe('the estimate', () => {
  it('is not made before there is anything to go by', () => {
    const estimate = new ProgressEstimate()
    const none = { requestsPerSecond: undefined, secondsLeft: undefined }
    expect(estimate.update(0, 'a', 0, 0)).toEqual(none)
    expect(estimate.update(0.1, 'a', 100, 400)).toEqual(none)
  })

  it('of a steady replay is its rate, and the time that the rest takes', () => {
    const estimate = new ProgressEstimate()
    for (let second = 0; second < 20; second++) {
      estimate.update(second / 100, 'a', 1000 * second, 1000 * second)
    }
    const { requestsPerSecond, secondsLeft } = estimate.update(0.2, 'a', 20_000, 20_000)
    expect(requestsPerSecond).toBeCloseTo(1000)
    expect(secondsLeft).toBeCloseTo(80)
  })

  it('follows a change of pace within seconds, without jumping', () => {
    const estimate = new ProgressEstimate()
    for (let second = 0; second <= 60; second++)
      estimate.update(0, 'a', 1000 * second, 1000 * second)
    const paceAfter = (seconds: number) =>
      estimate.update(0, 'a', 60_000 + 3000 * seconds, 1000 * (60 + seconds)).requestsPerSecond
    const soon = paceAfter(1) as number
    expect(soon).toBeGreaterThan(1000)
    expect(soon).toBeLessThan(1600)
    expect(paceAfter(20)).toBeGreaterThan(2900)
  })

  it('has a rate for each part, and one time left for all', () => {
    const estimate = new ProgressEstimate()
    for (let second = 0; second <= 5; second++) {
      estimate.update(second / 10, 'a', 9000 * second, 1000 * second)
    }
    estimate.update(0.5, 'b', 0, 5000)
    const { requestsPerSecond, secondsLeft } = estimate.update(0.6, 'b', 1000, 6000)
    expect(requestsPerSecond).toBeCloseTo(1000)
    expect(secondsLeft).toBeCloseTo(4)
  })

  it('has no time left where nothing moves', () => {
    const estimate = new ProgressEstimate()
    estimate.update(0.3, 'a', 0, 0)
    expect(estimate.update(0.3, 'a', 0, 5000).secondsLeft).toBeUndefined()
  })
})

describe('figures', () => {
  it('are short', () => {
    const show = (secondsLeft: number) =>
      describeProgress(12_345_678, { requestsPerSecond: 2_130_000, secondsLeft })
    expect(show(6.2)).toBe('12.3M requests, 2.1M/s, 0:07 left')
    expect(show(185)).toBe('12.3M requests, 2.1M/s, 3:05 left')
    expect(show(3729)).toBe('12.3M requests, 2.1M/s, 1:02:09 left')
  })

  it('leave out what is not known', () => {
    const nothing = { requestsPerSecond: undefined, secondsLeft: undefined }
    expect(describeProgress(undefined, nothing)).toBe('')
    expect(describeProgress(5, nothing)).toBe('5 requests')
    expect(describeProgress(undefined, { ...nothing, secondsLeft: 1 })).toBe('0:01 left')
  })
})

describe('the progress', () => {
  it('is nothing at all where there is no terminal', () => {
    const { stream, shown } = screen(false)
    const progress = createProgress(stream)
    progress.update(0.5, 'hotset', 100)
    progress.stop()
    expect(shown()).toBe('')
  })

  it('is lines there if asked for: one as a label begins, then one every five seconds', () => {
    const { stream, shown } = screen(false)
    let nowMs = 0
    const progress = createProgress(stream, { lines: true, now: () => nowMs })
    for (; nowMs < 11_000; nowMs += 100) progress.update(nowMs / 20_000, 'hotset 1/2   ', nowMs)
    progress.update(0.55, 'lru-cache 2/2', 7)
    progress.stop()
    expect(shown()).toBe(
      [
        'hotset 1/2: 0% 0 requests',
        'hotset 1/2: 25% 5K requests, 1K/s, 0:15 left',
        'hotset 1/2: 50% 10K requests, 1K/s, 0:10 left',
        'lru-cache 2/2: 55% 7 requests, 0:09 left\n',
      ].join('\n'),
    )
  })

  it('is a bar in a terminal, which leaves Ctrl-C alone', () => {
    const { stream, shown } = screen(true)
    const before = process.listenerCount('SIGINT')
    const progress = createProgress(stream)
    progress.update(0.5, 'hotset 1/2', 100)
    expect(process.listenerCount('SIGINT')).toBe(before)
    progress.stop()
    expect(shown()).toContain('hotset 1/2')
    expect(shown()).toContain('100 requests')
  })
})
