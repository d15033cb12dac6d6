import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isAlive } from '../../../../../test/support/processes/is-alive.ts'
import { until } from '../../../../../test/support/until.ts'
import type { RunOutcome } from '../../runner.ts'
import { RunnerProcess } from '../runner-process.ts'
import type { WearLimits } from './wear.ts'

/** A runner without a model. Each run gains 40 MB, leaves a process in a session of its own, and tells the ids of both. */
const SCRIPT = `
  const { writeSync, createReadStream } = require('node:fs')
  const { spawn } = require('node:child_process')
  const say = (message) => writeSync(4, JSON.stringify(message) + '\\n')
  const kept = []
  createReadStream(null, { fd: 3 }).on('data', (chunk) => {
    const message = JSON.parse(String(chunk))
    if (message.type === 'shutdown') process.exit(0)
    if (message.type !== 'run') return
    kept.push(Buffer.alloc(40e6, 1))
    const left = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
    left.unref()
    say({ type: 'done', id: message.id, output: { pid: process.pid, left: left.pid }, files: [] })
  })
  say({ type: 'ready', protocol: 1, manifest: { name: 'm', version: '1', concurrency: 2, input_schema: {}, output_schema: {} } })
`

interface Told {
  pid: number
  left: number
}

async function runnerOf(wear: WearLimits) {
  const nothing = () => undefined
  const runner = new RunnerProcess({
    label: 'm@cpu',
    command: { command: process.execPath, args: ['-e', SCRIPT], env: { PATH: process.env.PATH ?? '' } },
    logger: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    wear,
    timings: { termMs: 50 },
  })
  const workDir = mkdtempSync(join(tmpdir(), 'millrace-wear-'))
  onTestFinished(async () => {
    await runner.stop(500)
    rmSync(workDir, { recursive: true })
  })
  await runner.start()
  return async (run: number): Promise<Told> => {
    const outcome: RunOutcome = await runner.run({
      ...{ id: `run-${run}`, kind: 'prediction', input: {}, files: [], workDir, timeoutSeconds: 10 },
      ...{ onProgress: nothing, onLog: nothing, onOutput: nothing },
      signal: new AbortController().signal,
    })
    if (outcome.kind !== 'done') throw new Error(`it ended as ${outcome.kind}`)
    return outcome.output as Told
  }
}

async function runsOf(wear: WearLimits, count: number): Promise<Told[]> {
  const run = await runnerOf(wear)
  const told: Told[] = []
  for (let number = 0; number < count; number++) told.push(await run(number))
  return told
}

/** Runs that each process had. */
const shared = (told: Told[]): number[] =>
  [...new Set(told.map(({ pid }) => pid))].map((own) => told.filter(({ pid }) => pid === own).length)

test('without limits a process serves on', async () => {
  expect(shared(await runsOf({}, 4))).toEqual([4])
})

test('after so many runs there is another process', async () => {
  expect(shared(await runsOf({ maxJobs: 2 }, 5))).toEqual([2, 2, 1])
})

test('one that has grown by more than it may is replaced after the run', async () => {
  const counts = shared(await runsOf({ maxMemoryGrowth: 100e6 }, 6))
  expect(counts.length).toBe(2)
  expect(counts[0]).toBeGreaterThan(3)
})

test('isolated, each run has its own, and what it left ends with it, also in another session', async () => {
  const told = await runsOf({ isolated: true }, 3)
  expect(shared(told)).toEqual([1, 1, 1])
  const [first, second] = told as [Told, Told, Told]
  expect([first.left, second.left].map(isAlive)).toEqual([false, false])
})

test('isolated, runs that come together have no process together, whatever the model says', async () => {
  const run = await runnerOf({ isolated: true })
  expect(shared(await Promise.all([run(1), run(2)]))).toEqual([1, 1])
})

test('what runs left ends with the process', async () => {
  const told = await runsOf({ maxJobs: 2 }, 2)
  await until('both are gone', () => told.every(({ left }) => !isAlive(left)))
})
