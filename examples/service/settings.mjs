/** What the environment says: PORT, DATA, INSTANCE and REDIS_URL, all of them optional. */
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const { PORT = '3000', INSTANCE = '0', REDIS_URL } = process.env
const { DATA = join(tmpdir(), 'hotset-service') } = process.env

export const settings = {
  /** 0: any free one. */
  port: Number(PORT),
  /** Tells the processes apart. */
  instance: INSTANCE,
  /** Where the database and the disk tier's files are; both processes share it. */
  folder: resolve(DATA),
  /** Undefined: no Redis, and nobody tells this process what others write. */
  redisUrl: REDIS_URL || undefined,
}

mkdirSync(settings.folder, { recursive: true })
