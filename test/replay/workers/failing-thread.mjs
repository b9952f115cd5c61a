// A thread of a pass that gets as far as its request says, and then ends in the way it says.
import { parentPort, workerData } from 'node:worker_threads'

const { failAt, how } = workerData.spec
const gate = new Int32Array(workerData.gate)

function end() {
  if (how === 'exit') process.exit(3)
  if (how === 'throw') throw new RangeError('thrown')
  parentPort.postMessage({ type: 'failure', name: 'InvalidOptionError', message: 'reported' })
}

function reach(step, answer) {
  if (step === failAt) end()
  else parentPort.postMessage(answer)
}

parentPort.on('message', ({ type }) => {
  if (type === 'round') {
    const turn = Atomics.load(gate, 0)
    reach('round', { type: 'prepared' })
    Atomics.wait(gate, 0, turn)
    parentPort.postMessage({ type: 'done', endMs: 0 })
  } else {
    reach('finish', { type: 'finished', part: {} })
  }
})
reach('attach', { type: 'attached' })
