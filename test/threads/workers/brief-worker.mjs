/** Tells who it is, as registries know it, and ends when it is told to. */
import { parentPort, workerData } from 'node:worker_threads'
import { ownThread } from '../../../dist/src/engine/thread-identity.js'
import { awaitSignal } from './meeting.mjs'

const { control, endIndex } = workerData
parentPort.postMessage(ownThread)
awaitSignal(control, endIndex, 1)
