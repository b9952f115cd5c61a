/** The Redis server of tests and benchmarks: it is there when it should be, and gone when it should be. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const { startRedisServer } = (await import(
  new URL('../support/redis-server.mjs', import.meta.url).href
)) as {
  startRedisServer(options?: {
    maxBytes?: number
  }): Promise<{ port: number; stop(): Promise<void> }>
}

async function connectTo(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

async function ask(socket: Socket, command: string): Promise<string> {
  const answer = once(socket, 'data')
  socket.write(`${command}\r\n`)
  const [bytes] = (await answer) as [Buffer]
  return bytes.toString()
}

/** A socket that is reset raises an error first, which is as good. */
function untilClosed(socket: Socket): Promise<void> {
  socket.on('error', () => {})
  return new Promise((resolve) => socket.on('close', () => resolve()))
}

describe('a Redis server of its own', () => {
  it('answers on its port, with the bound it was given, until it is stopped', async () => {
    const server = await startRedisServer({ maxBytes: 2 ** 24 })
    const socket = await connectTo(server.port)
    expect(await ask(socket, 'PING')).toBe('+PONG\r\n')
    expect(await ask(socket, 'CONFIG GET maxmemory')).toContain(`${2 ** 24}`)
    const closed = untilClosed(socket)
    await server.stop()
    await closed
    await expect(connectTo(server.port)).rejects.toThrow('ECONNREFUSED')
  })

  it('ends with the process that started it, even when that is killed', async () => {
    const starter = fork(fileURLToPath(new URL('workers/redis-starter.mjs', import.meta.url)))
    const [port] = (await once(starter, 'message')) as [number]
    const socket = await connectTo(port)
    const closed = untilClosed(socket)
    starter.kill('SIGKILL')
    await closed
    expect(starter.killed).toBe(true)
  })
})
