/** What redis-server.mjs exports, for TypeScript. */

export interface LaunchedServer {
  /** What it said last, if it ended before it was ready. */
  readonly problem?: string
  readonly pid: number
  /** Resolves when the server is gone, for whatever reason. */
  readonly ended: Promise<void>
  /** Kills what runs of it, and removes its folder. */
  end(options?: { leaveFolder?: boolean }): Promise<void>
}

export function startRedisServer(options?: {
  maxBytes?: number
}): Promise<{ port: number; stop(): Promise<void> }>

export function launchRedisServer(
  args: readonly string[],
  options?: { ready?: string; folder?: string },
): Promise<LaunchedServer>
