/** The types of log-store.mjs. */
export class LogStore {
  constructor(path: string, random?: () => number)
  save(key: string, value: number): Promise<void>
  saveMany(items: readonly { key: string; value: number }[]): Promise<void>
  remove(): Promise<void>
  read(): Map<string, number[]>
}
