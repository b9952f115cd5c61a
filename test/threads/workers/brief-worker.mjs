/** Tells who it is, as registries know it, and ends when it is told to. */
import { parentPort, workerData } from 'node:worker_threads'
import { isMainThread, ownThread } from '../../../dist/src/engine/thread-identity.js'
import { awaitSignal } from './meeting.mjs'

const { control, endIndex } = workerData
parentPort.postMessage({ ...ownThread, isMainThread })
awaitSignal(control, endIndex, 1)
