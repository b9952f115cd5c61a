/** The teams of the thread benchmarks: they measure all of their threads, or fail. */
import { afterEach, describe, expect, it } from 'vitest'

interface Team {
  run(
    phases: ({ kind: string } | undefined)[],
    timeMs: number,
  ): Promise<{ reports: { rounds: number }[]; elapsedMs: number }>
  stop(): Promise<void>
}

const file = new URL('workers/team-member.mjs', import.meta.url)
const { Team } = (await import(new URL('../../bench/threads/team.mjs', import.meta.url).href)) as {
  Team: { start(file: URL, count: number, equip: () => { data: object }): Promise<Team> }
}

let team: Team | undefined

afterEach(async () => {
  await team?.stop()
  team = undefined
})

async function startTeam(): Promise<Team> {
  team = await Team.start(file, 2, () => ({ data: {} }))
  return team
}

describe('a team', () => {
  it('reports of each thread that had something to do, phase after phase', async () => {
    const started = await startTeam()
    const both = await started.run([{ kind: 'work' }, { kind: 'work' }], 20)
    expect(both.reports.map(({ rounds }) => rounds > 0)).toEqual([true, true])
    expect(both.elapsedMs).toBeGreaterThan(0)
    const second = await started.run([undefined, { kind: 'work' }], 1)
    expect(second.reports.length).toBe(1)
  })

  it('fails a phase in which a thread raises an error, with that error', async () => {
    const started = await startTeam()
    const phase = started.run([{ kind: 'work' }, { kind: 'throw' }], 20)
    await expect(phase).rejects.toThrow('a wrong answer')
    await expect(started.run([{ kind: 'work' }, undefined], 1)).rejects.toThrow('a wrong answer')
  })

  it('fails a phase in which a thread ends, even as if all were well', async () => {
    const started = await startTeam()
    const phase = started.run([{ kind: 'exit' }, { kind: 'work' }], 20)
    await expect(phase).rejects.toThrow('Thread 0 ended with 0 in mid-run')
  })
})
