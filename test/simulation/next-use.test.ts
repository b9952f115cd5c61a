/** When each request's object is requested again. */
import { expect, it } from 'vitest'
import { findNextUses, NEVER } from '../../src/simulation/next-use.js'
import { requestsOf } from './drive.js'

it('knows of each request when its object is requested again', () => {
  expect([...findNextUses(requestsOf([0, 1, 0, 0, 2, 1]), 3)]).toEqual([
    2,
    5,
    3,
    NEVER,
    NEVER,
    NEVER,
  ])
})
