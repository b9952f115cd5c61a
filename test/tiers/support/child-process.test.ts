/** The processes of the tiers' tests: they talk, fail and die as told, and none outlives its test. */
import { expect, it } from 'vitest'
import { startProcess, type TestProcess } from './child-process.js'
import { stateOf } from './process-states.js'
import { PATIENTLY } from './wait-until.js'

const ECHO = new URL('workers/echo.mjs', import.meta.url)

it('runs a script on the built package, with its arguments, and talks with it', async () => {
  const child = startProcess(ECHO, ['a', 'b'], { env: { ECHO: 'c' } })
  const sent = new Map([['bytes', new Uint8Array([1, 2])]])
  child.send({ echo: sent })
  expect(await child.next()).toEqual({ echo: sent, args: ['a', 'b'], environment: 'c' })
})

it('keeps messages in their order until they are asked for', async () => {
  const child = startProcess(ECHO)
  for (let echo = 0; echo < 100; echo++) child.send({ echo })
  for (let echo = 0; echo < 100; echo++) expect(await child.next()).toMatchObject({ echo })
  expect(child.drain()).toEqual([])
})

it('tells how it ended: by itself, by an error, by a signal', async () => {
  const [ended, failed, killed] = [startProcess(ECHO), startProcess(ECHO), startProcess(ECHO)]
  ended.send({ exitCode: 7 })
  expect(await ended.exited).toEqual({ code: 7, signal: null })
  failed.send({ fail: 'on purpose' })
  await expect(failed.next()).rejects.toThrow('on purpose')
  expect(await killed.kill()).toEqual({ code: null, signal: 'SIGKILL' })
  killed.send('is not heard, and does no harm')
  await expect(killed.next()).rejects.toThrow('SIGKILL')
})

let ofAnotherTest: TestProcess
it('runs while the test runs that started it, stopped or not', async () => {
  ofAnotherTest = startProcess(ECHO)
  ofAnotherTest.send({ echo: 1 })
  await ofAnotherTest.next()
  ofAnotherTest.pause()
  await expect.poll(() => stateOf(ofAnotherTest.pid), PATIENTLY).toMatch(/^T/)
})

it('is gone when that test is over', () => {
  expect(stateOf(ofAnotherTest.pid)).toBe('')
})
