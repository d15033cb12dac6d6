/**
 * The part of the suite of every runner that is about what runs print: it is in the log of its own run, all of it that a
 * log keeps, and in no other. Called by model-runner.suite.ts, in whatever language the models are.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LIMITS } from '@millrace/contracts'
import { describe, expect, it } from 'vitest'
import type { RunnerProcess } from '../../../libs/host/src/runners/runner-process.ts'
import { until } from '../../support/until.ts'
import { newRunFolder, type StartedRun, startRun } from './run-in-folder.ts'

const said = (run: StartedRun): string[] => run.logs.map((log) => log.message).sort()

/** `start` gives a runner that is ready and is stopped after the test. */
export function modelRunnerText(start: (model: 'printer') => Promise<RunnerProcess>): void {
  describe('whose runs print', () => {
    it.each(['tail', 'half', 'throw'])(
      'keeps the last line of each run with it, without a newline (%s)',
      async (mode) => {
        const runner = await start('printer')
        const runs: StartedRun[] = []
        for (const says of ['secret of A', 'B']) {
          runs.push(startRun(runner, { mode, says }))
          await runs.at(-1)?.outcome
        }
        expect(runs.map(said)).toEqual([
          ['secret of A', 'secret of A'],
          ['B', 'B'],
        ])
      },
    )

    it.each(['raw', 'native'])('keeps what native code prints without a newline (%s)', async (mode) => {
      const runner = await start('printer')
      const first = startRun(runner, { mode, says: 'secret of A' })
      await first.outcome
      const next = startRun(runner, { mode: 'line', says: 'B' })
      await next.outcome
      expect([said(first), said(next)]).toEqual([['secret of A'], ['B']])
    })

    it.each(['exit', 'kill', 'segfault'])('keeps the last words of a process that ends (%s)', async (mode) => {
      const runner = await start('printer')
      const last = startRun(runner, { mode, says: 'last words' })
      expect(await last.outcome).toMatchObject({ kind: 'crashed' })
      const next = startRun(runner, { mode: 'line', says: 'B' })
      await next.outcome
      expect(said(last).filter((line) => line === 'last words')).toHaveLength(2)
      expect(said(next)).toEqual(['B'])
    })

    it('lets a process that a run started print on, into no log of another run', async () => {
      const runner = await start('printer')
      const folder = newRunFolder()
      const first = startRun(runner, { mode: 'start-child', says: folder })
      await first.outcome
      const next = startRun(runner, { mode: 'wait' })
      writeFileSync(join(folder, 'go'), '')
      await until('the process has printed', () => existsSync(join(folder, 'said')))
      await next.outcome
      expect(said(next)).toEqual([])
      const another = startRun(runner, { mode: 'tail', says: 'C' })
      await another.outcome
      expect(said(another)).toEqual(['C', 'C'])
    })

    it('keeps what a process prints in the run that started it', async () => {
      const runner = await start('printer')
      for (const round of [1, 2]) {
        const folder = newRunFolder()
        writeFileSync(join(folder, 'go'), '')
        const run = startRun(runner, { mode: 'start-child', says: folder })
        await run.outcome
        expect(
          said(run).every((line) => /early|late of/.test(line)),
          `round ${round}`,
        ).toBe(true)
      }
    })

    it('drops what the code of an earlier run goes on to print', async () => {
      const runner = await start('printer')
      await startRun(runner, { mode: 'background', says: 'A' }).outcome
      const next = startRun(runner, { mode: 'wait' })
      await next.outcome
      expect(said(next)).toEqual([])
    })

    it('shows the last state of a progress bar, and takes the progress from it', async () => {
      const runner = await start('printer')
      for (const mode of ['bar', 'bar-only']) {
        const run = startRun(runner, { mode })
        await run.outcome
        expect(said(run)).toEqual(['loading: 100%|##| 20/20 [00:01<00:01]'])
        expect(run.progress.at(-1)).toEqual({ fraction: 1, message: undefined })
      }
    })

    it('cuts a line that is too long, and says so', async () => {
      const run = startRun(await start('printer'), { mode: 'long', says: 'x' })
      await run.outcome
      expect(run.logs.map((log) => log.message)).toEqual([
        'x'.repeat(LIMITS.logLineChars),
        expect.stringMatching(/^1 log lines were cut/),
      ])
    })
  })
}
