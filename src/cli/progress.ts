/** A progress bar on stderr, where that is a terminal; nothing at all otherwise. */
import cliProgress from 'cli-progress'

const STEPS = 1000
const SHOWN_A_SECOND = 10

export interface Progress {
  /** @param share 0 to 1 */
  update(share: number, label: string): void
  stop(): void
}

export function createProgress(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return { update() {}, stop() {} }
  const bar = new cliProgress.SingleBar(
    {
      stream,
      format: '{label} [{bar}] {percentage}% | {duration_formatted}',
      clearOnComplete: true,
      hideCursor: true,
      fps: SHOWN_A_SECOND,
    },
    cliProgress.Presets.rect,
  )
  bar.start(STEPS, 0, { label: '' })
  return {
    update: (share, label) => bar.update(Math.round(share * STEPS), { label }),
    stop: () => bar.stop(),
  }
}
