/**
 * The part of the suite of every runner that is about a run sent ahead, behind the one that goes on: when it begins, how it comes
 * back, and that nothing of the other falls on it. Called by model-runner.suite.ts, in whatever language the models are.
 */
import { readdirSync } from 'node:fs'
import type { RunRequest } from '@millrace/host'
import { describe, expect, it } from 'vitest'
import type { RunnerProcess } from '../../../libs/host/src/runners/runner-process.ts'
import { until } from '../../support/until.ts'
import { type HeldStart, holdRun, startRun } from './run-in-folder.ts'

const TAKEN_BACK = { kind: 'displaced', runSeconds: 0 }
const SHORT = { chunks: 0 }
const LONG = { chunks: 3, pause_ms: 100 }

type Model = 'hang' | 'printer' | 'stream'

/** `start` gives a runner that is ready and is stopped after the test. */
export function modelRunnerHeld(start: (model: Model) => Promise<RunnerProcess>): void {
  /** A runner whose first runs are over: what it prints in these has no part in this. */
  const warm = async (model: Model, input: unknown) => {
    const runner = await start(model)
    for (let run = 0; run < 2; run += 1) expect(await startRun(runner, input).outcome).toMatchObject({ kind: 'done' })
    return runner
  }
  /** A run, and one behind it that is held as soon as it has begun. `begun` tells which of them began, in that order. */
  const pair = async (runner: RunnerProcess, input: unknown, next: unknown, change: Partial<RunRequest> = {}) => {
    const begun: string[] = []
    let held: HeldStart | undefined
    const front = startRun(runner, input, {
      onBegin() {
        begun.push('front')
        held = holdRun(runner, next, { ...change, onBegin: () => begun.push('held') })
        expect([runner.canHold, runner.ready]).toEqual([false, false])
      },
    })
    return { front, held: await until('one is held', () => held), begun }
  }

  describe('that holds a run behind another', () => {
    it('begins it when that one is done and not sooner, and counts its time-out from there', async () => {
      const runner = await warm('stream', SHORT)
      const { front, held, begun } = await pair(runner, LONG, { chunks: 1 }, { timeoutSeconds: 0.28 })
      expect(await front.outcome).toMatchObject({ kind: 'done', output: { chunks: 3 } })
      const outcome = await held.outcome
      expect(outcome).toMatchObject({ kind: 'done', output: { chunks: 1 } })
      expect([begun, held.chunks, held.logs.length]).toEqual([['front', 'held'], [{ index: 0 }], 1])
      expect(readdirSync(held.workDir).filter((name) => name.startsWith('.held'))).toEqual([])
      const timed = await pair(runner, { chunks: 1, pause_ms: 100 }, LONG, { timeoutSeconds: 0.15 })
      expect(await timed.held.outcome).toMatchObject({ kind: 'timeout', killed: false })
    })

    it('holds the next one behind a held one that has begun', async () => {
      const runner = await warm('stream', SHORT)
      const { front, held } = await pair(runner, LONG, { chunks: 3, pause_ms: 250 })
      await front.outcome
      await until('one can be held behind it', () => runner.canHold)
      const third = holdRun(runner, SHORT)
      expect(await Promise.all([held.outcome, third.outcome])).toMatchObject([{ kind: 'done' }, { kind: 'done' }])
    })

    it('gives it back at once, also while a model blocks the process, and does not begin it', async () => {
      const runner = await warm('hang', { mode: 'block', seconds: 0 })
      const { front, held, begun } = await pair(runner, { mode: 'block', seconds: 1 }, { mode: 'never' })
      held.cancel()
      expect(await held.outcome).toEqual({ kind: 'canceled', killed: false, runSeconds: 0 })
      const other = holdRun(runner, { mode: 'never' }, { onBegin: () => begun.push('other') })
      expect([other.recall(), await other.outcome, begun]).toEqual([true, TAKEN_BACK, ['front']])
      const next = holdRun(runner, { mode: 'block', seconds: 0 }, { onBegin: () => begun.push('next') })
      expect(await Promise.all([front.outcome, next.outcome])).toMatchObject([{ kind: 'done' }, { kind: 'done' }])
      expect([begun, next.recall()]).toEqual([['front', 'next'], false])
    })

    it('gives it back unblamed when its process is killed, and when the runner stops', async () => {
      const runner = await warm('stream', SHORT)
      const { front, held, begun } = await pair(runner, LONG, SHORT)
      process.kill(runner.pid ?? 0, 'SIGKILL')
      expect(await front.outcome).toMatchObject({ kind: 'crashed', signal: 'SIGKILL', shared: false })
      expect([await held.outcome, begun]).toEqual([TAKEN_BACK, ['front']])
      for (let run = 0; run < 2; run += 1) await startRun(runner, SHORT).outcome
      const last = await pair(runner, LONG, SHORT)
      await runner.stop(2000)
      expect([await last.held.outcome, last.begun]).toEqual([TAKEN_BACK, ['front']])
    })

    it('blames it alone for what it does once it has begun', async () => {
      const runner = await warm('stream', SHORT)
      const { front, held } = await pair(runner, LONG, { chunks: 2, die_after: 1 })
      expect(await front.outcome).toMatchObject({ kind: 'done' })
      expect(await held.outcome).toMatchObject({ kind: 'crashed', signal: 'SIGKILL', shared: false })
    })

    it('gives it back when the run before it fails, or is stopped and takes the process along', async () => {
      const runner = await warm('stream', SHORT)
      const failing = await pair(runner, { ...LONG, fail_after: 2 }, SHORT)
      expect(await failing.front.outcome).toMatchObject({ kind: 'failed', code: 'model_error' })
      expect([await failing.held.outcome, failing.begun]).toEqual([TAKEN_BACK, ['front']])
      const deaf = await pair(runner, { ...LONG, hang_after: 1 }, SHORT)
      await until('it is deaf', () => deaf.front.logs.some(({ message }) => message === 'deaf'))
      deaf.front.cancel()
      expect([await deaf.held.outcome, deaf.begun]).toEqual([TAKEN_BACK, ['front']])
      expect(await deaf.front.outcome).toMatchObject({ kind: 'canceled', killed: true })
      expect(await startRun(runner, SHORT, { workDir: deaf.held.workDir }).outcome).toMatchObject({ kind: 'done' })
    })

    it.each(['line', 'raw'])('keeps what it prints out of the log of the run before it (%s)', async (mode) => {
      const runner = await warm('printer', { mode: 'line', says: 'once' })
      const { front, held } = await pair(runner, { mode: 'wait' }, { mode, says: 'mine' })
      await Promise.all([front.outcome, held.outcome])
      expect(front.logs).toEqual([])
      // What native code prints is nobody's where that is not sure.
      expect(held.logs.map(({ message }) => message)).toEqual(mode === 'raw' && held.logs.length === 0 ? [] : ['mine'])
    })

    it('holds none behind a run that printed, nor in that process from then on', async () => {
      const runner = await warm('printer', { mode: 'wait' })
      const { front, held, begun } = await pair(runner, { mode: 'bar' }, { mode: 'line', says: 'mine' })
      expect([await held.outcome, begun]).toEqual([TAKEN_BACK, ['front']])
      expect(await front.outcome).toMatchObject({ kind: 'done' })
      expect(front.logs.map(({ message }) => message)).toEqual(['loading: 100%|##| 20/20 [00:01<00:01]'])
      const next = await pair(runner, { mode: 'wait' }, { mode: 'wait' })
      expect([await next.held.outcome, next.begun]).toEqual([TAKEN_BACK, ['front']])
    })
  })
}
