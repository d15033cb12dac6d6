import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { builtProgram } from '../../../../test/support/processes/built-program.ts'
import { childrenOf } from '../../../../test/support/processes/children-of.ts'
import { isAlive } from '../../../../test/support/processes/is-alive.ts'
import { until } from '../../../../test/support/until.ts'

const PROGRAM = await builtProgram(new URL('./crew.fixture.ts', import.meta.url))

/** Programs take long to start beside other tests. */
const SLOW = { timeoutMs: 45_000 }
let parent: ChildProcess
let out = ''
let url = ''

async function start(mode = 'plain'): Promise<void> {
  out = ''
  parent = spawn(process.execPath, [PROGRAM, mode], { stdio: ['ignore', 'pipe', 'inherit'] })
  parent.stdout?.on('data', (chunk) => (out += String(chunk)))
  await until('it listens or has ended', () => out.includes('"listens"') || parent.exitCode !== null, SLOW)
  url = /"url":"([^"]+)"/.exec(out)?.[1] ?? ''
}

const exitCode = async (): Promise<number | null> =>
  parent.exitCode ?? ((await once(parent, 'exit'))[0] as number | null)
const members = (): number[] => childrenOf(parent.pid as number).filter(isAlive)
/** Requests reach the members in turn, as long as none is busy. */
const ask = async (path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json()
const isOne = (text: string) => async () => String(await ask('/metrics')).includes(text)
const serveBoth = () => until('two serve', isOne('millrace_api_processes 2'), SLOW)

afterEach(() => void parent.kill('SIGKILL'))

describe('a crew of real processes', { timeout: 120_000 }, () => {
  beforeEach(() => start(), 60_000)

  it('shares one port, and spreads connections evenly', async () => {
    const numbers = []
    for (let i = 0; i < 10; i++) numbers.push(await ask('/number'))
    expect(numbers.filter((number) => number === 1)).toHaveLength(5)
  })

  it('listens where it did when all members die at once', async () => {
    for (const pid of members()) process.kill(pid, 'SIGKILL')
    await until('it serves again', () => ask('/number').catch(() => false), SLOW)
    await serveBoth()
    const pids = new Set([await ask('/pid'), await ask('/pid')])
    expect(pids).toEqual(new Set(members()))
  })

  it('adds up what its members count, and keeps what the dead have counted', async () => {
    for (let i = 0; i < 4; i++) await ask('/count')
    expect(await ask('/metrics')).toContain('served_total 4')
    process.kill(members()[0] as number, 'SIGKILL')
    await serveBoth()
    expect(await ask('/metrics')).toContain('served_total 4')
    await ask('/count')
    // A member that ends in order sends the counts that nobody had asked for yet.
    for (const pid of members()) {
      process.kill(pid, 'SIGTERM')
      await until('it is gone', () => !members().includes(pid), SLOW)
      await serveBoth()
    }
    expect(await ask('/metrics')).toContain('served_total 5')
    expect(await ask('/metrics')).toContain('millrace_api_process_ends_total 3')
  })

  it('joins what its members say of their health', async () => {
    for (let i = 0; i < 2; i++) expect(await ask('/health')).toEqual({ ok: true, reasons: ['the second has a word'] })
  })

  it('gives out each place once, and takes back what a dead member held', async () => {
    const take = () => ask('/take')
    expect([await take(), await take(), await take(), await take()]).toEqual(['taken', 'taken', 'taken', 'holder'])
    process.kill(members()[0] as number, 'SIGKILL')
    await serveBoth()
    const after = [await take(), await take(), await take()]
    expect(after.filter((answer) => answer === 'taken').length).toBeGreaterThan(0)
    expect(after.at(-1)).toBe('holder')
  })

  it('waits longer and longer before it starts one again that dies each time', async () => {
    const waits = () => [...out.matchAll(/"inMs":(\d+)/g)].map(([, ms]) => Number(ms))
    for (let deaths = 1; deaths <= 3; deaths++) {
      await serveBoth()
      let pid = 0
      await until('the second is asked', async () => {
        if ((await ask('/number')) !== 2) return false
        pid = members().at(-1) as number
        return true
      })
      process.kill(pid, 'SIGKILL')
      await until('its end is told', () => waits().length === deaths)
    }
    expect(waits()).toEqual([100, 200, 400])
  })

  it('ends as a whole, with a failure, when a member has no hope', async () => {
    const pids = members()
    await ask('/hopeless').catch(() => undefined)
    expect(await exitCode()).toBe(7)
    expect(pids.filter(isAlive)).toEqual([])
  })

  it('leaves nobody behind when its parent is killed', async () => {
    const pids = members()
    parent.kill('SIGKILL')
    await until('all are gone', () => !pids.some(isAlive))
  })
})

describe('a crew that does not go as it should', { timeout: 120_000 }, () => {
  it('kills a member that answers nothing any more', async () => {
    await start('watched')
    const before = members()
    await expect(ask('/block')).rejects.toThrow()
    await serveBoth()
    expect(members()).not.toEqual(before)
    expect(out).toContain('is silent and is killed')
  })

  it('ends with the code of a member that cannot start, and leaves nobody behind', async () => {
    await start('fail')
    expect(await exitCode()).toBe(9)
    expect(out).not.toContain('"listens"')
  })

  it('kills members that do not end within the grace', async () => {
    await start('stuck')
    const pids = members()
    parent.kill('SIGTERM')
    expect(await exitCode()).toBe(0)
    expect(pids.filter(isAlive)).toEqual([])
    expect(out).toContain('are killed')
  })
})
