/**
 * What every runner must do, whatever language its model is in. Called with a factory over the models of test/models,
 * which each language has under the same names and with the same modes.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LIMITS } from '@millrace/contracts'
import { afterEach, describe, expect, it } from 'vitest'
import type { RunnerProcess } from '../../../libs/host/src/runners/runner-process.ts'
import type { RunnerTimings } from '../../../libs/host/src/runners/runner-process-options.ts'
import { until } from '../../support/until.ts'
import { modelRunnerAbilities } from './model-runner-abilities.suite.ts'
import { modelRunnerBatches } from './model-runner-batches.suite.ts'
import { modelRunnerCheckpoints } from './model-runner-checkpoints.suite.ts'
import { modelRunnerHeld } from './model-runner-held.suite.ts'
import { modelRunnerText } from './model-runner-text.suite.ts'
import { newRunFolder, removeRunFolders, startRun } from './run-in-folder.ts'

export type SuiteModel =
  | 'batch'
  | 'crash'
  | 'echo'
  | 'garbage'
  | 'hang'
  | 'notes'
  | 'parallel'
  | 'printer'
  | 'stream'
  | 'trainer'
export interface SuiteOptions {
  timings?: Partial<RunnerTimings>
  memoryErrors?: number
}
export type MakeRunner = (model: SuiteModel, options?: SuiteOptions) => RunnerProcess

/** A zombie is gone: it holds no device, only waits for a parent that may never look. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !existsSync('/proc/self') || !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** `skip` names modes that this language cannot have, each with its reason. */
export function modelRunnerSuite(language: string, makeRunner: MakeRunner, skip: Record<string, string> = {}): void {
  const started: RunnerProcess[] = []
  const start = async (model: SuiteModel, options?: SuiteOptions): Promise<RunnerProcess> => {
    const runner = makeRunner(model, options)
    started.push(runner)
    await runner.start()
    return runner
  }
  afterEach(async () => {
    await Promise.all(started.splice(0).map((runner) => runner.stop(1000)))
    removeRunFolders()
  })

  describe(`a ${language} runner`, { timeout: 30_000 }, () => {
    describe('that works', () => {
      it('tells its manifest, and answers one run after the other in one process', async () => {
        const runner = await start('echo')
        expect(await runner.start()).toMatchObject({ name: 'echo', input_schema: { type: 'object' } })
        const { pid } = runner
        for (const message of ['one', 'two']) {
          const outcome = await startRun(runner, { message }).outcome
          expect(outcome).toMatchObject({ kind: 'done', output: { message, file: null }, files: [] })
        }
        expect(runner.pid).toBe(pid)
      })

      it('names a file of the output by its place, and writes it into the folder of the run', async () => {
        const run = startRun(await start('echo'), { message: 'file', size_bytes: 100_000 })
        const outcome = await run.outcome
        expect(outcome).toMatchObject({ kind: 'done', output: { file: null }, files: [{ pointer: '/file' }] })
        const [file] = outcome.kind === 'done' ? outcome.files : []
        expect(readFileSync(join(run.workDir, file?.path ?? '')).length).toBe(100_000)
      })

      it('hands on chunks, progress and logs in their order, before the end', async () => {
        const run = startRun(await start('stream'), { chunks: 3 })
        expect(await run.outcome).toMatchObject({ kind: 'done', output: { chunks: 3 } })
        expect(run.chunks).toEqual([{ index: 0 }, { index: 1 }, { index: 2 }])
        expect(run.progress.at(-1)).toEqual({ fraction: 1, message: 'chunk 3' })
        expect(run.logs.map((log) => log.message)).toEqual(['sent 0', 'sent 1', 'sent 2'])
      })

      it('takes an input and gives an output that are larger than a frame', async () => {
        const message = 'ü'.repeat(LIMITS.frameBytes)
        const outcome = await startRun(await start('echo'), { message }).outcome
        expect(outcome).toMatchObject({ kind: 'done' })
        expect(outcome.kind === 'done' && (outcome.output as { message: string }).message === message).toBe(true)
      })

      it('refuses an input that the schema of the model refuses', async () => {
        const outcome = await startRun(await start('echo'), { message: 7 }).outcome
        expect(outcome).toMatchObject({ kind: 'failed', code: 'invalid_input' })
        expect(outcome.kind === 'failed' && outcome.message).toMatch(/message/)
      })

      it('is not ready while it runs, and runs one at a time', async () => {
        const runner = await start('stream')
        const first = startRun(runner, { chunks: 2, pause_ms: 50 })
        await until('the run is under way', () => first.chunks.length > 0)
        expect(runner.ready).toBe(false)
        const second = startRun(runner, { chunks: 1 })
        expect(await Promise.race([first.outcome.then(() => 'first'), second.outcome.then(() => 'second')])).toBe(
          'first',
        )
        expect(await second.outcome).toMatchObject({ kind: 'done' })
      })
    })

    describe('whose process ends', () => {
      const ends = [
        ['exit0', { exitCode: 0, signal: null }],
        ['exit1', { exitCode: 1, signal: null }],
        ['segfault', { exitCode: null, signal: 'SIGSEGV' }],
        ['abort', { exitCode: null, signal: 'SIGABRT' }],
      ] as const
      for (const [mode, exit] of ends) {
        it.skipIf(mode in skip)(`tells how by its exit (${mode}), and is replaced at once`, async () => {
          const runner = await start('crash')
          const { pid } = runner
          expect(await startRun(runner, { mode }).outcome).toMatchObject({ kind: 'crashed', ...exit })
          expect(await startRun(runner, { mode: 'ok' }).outcome).toMatchObject({ kind: 'done' })
          expect(runner.pid).not.toBe(pid)
        })
      }

      it('is replaced after a run that lacked memory, as often as it may, and not for the words of a caller', async () => {
        const pids: (number | undefined)[] = []
        for (const memoryErrors of [1, 2]) {
          const runner = await start('crash', { memoryErrors })
          for (const mode of ['words', 'memory', 'memory']) {
            await runner.whenReady()
            pids.push(runner.pid)
            expect(await startRun(runner, { mode }).outcome).toMatchObject({ kind: 'failed', code: 'model_error' })
          }
          expect(await startRun(runner, { mode: 'ok' }).outcome).toMatchObject({ kind: 'done' })
          pids.push(runner.pid)
        }
        expect(pids.map((pid) => pids.indexOf(pid))).toEqual([0, 0, 2, 3, 4, 4, 4, 7])
      })

      it('is told when it is killed from outside', async () => {
        const runner = await start('hang')
        const run = startRun(runner, { mode: 'never' })
        await until('the run is under way', () => run.progress.length > 0)
        process.kill(runner.pid ?? 0, 'SIGKILL')
        expect(await run.outcome).toMatchObject({ kind: 'crashed', exitCode: null, signal: 'SIGKILL' })
      })
    })

    describe('that is asked to stop', () => {
      it('answers canceled and keeps its process when the model heeds the signal', async () => {
        const runner = await start('hang')
        const { pid } = runner
        const run = startRun(runner, { mode: 'polite' })
        await until('the run is under way', () => run.progress.length > 0)
        run.cancel()
        expect(await run.outcome).toMatchObject({ kind: 'canceled', killed: false })
        expect(runner.pid).toBe(pid)
      })

      for (const mode of ['block', 'never', 'ignore-term']) {
        it.skipIf(mode in skip)(`is killed after the grace of the model, and its pid is gone (${mode})`, async () => {
          const runner = await start('hang', { timings: { termMs: 300 } })
          const pid = runner.pid ?? 0
          const run = startRun(runner, { mode })
          await until('the run is under way', () => run.progress.length > 0)
          run.cancel()
          expect(await run.outcome).toMatchObject({ kind: 'canceled', killed: true })
          expect(isAlive(pid)).toBe(false)
          await runner.whenReady()
          expect(runner.pid).not.toBe(pid)
        })
      }

      it('comes to a timeout when it takes longer than it may', async () => {
        const runner = await start('hang')
        const polite = await startRun(runner, { mode: 'polite' }, { timeoutSeconds: 0.2 }).outcome
        expect(polite).toMatchObject({ kind: 'timeout', killed: false })
        const deaf = await startRun(runner, { mode: 'block' }, { timeoutSeconds: 0.2 }).outcome
        expect(deaf).toMatchObject({ kind: 'timeout', killed: true })
      })

      it('does not start a run that was canceled before', async () => {
        const outcome = await startRun(await start('echo'), { message: 'x' }, { signal: AbortSignal.abort() }).outcome
        expect(outcome).toMatchObject({ kind: 'canceled', killed: false, runSeconds: 0 })
      })

      it('shuts down when it is stopped, and refuses whoever waits', async () => {
        const runner = await start('echo')
        const pid = runner.pid ?? 0
        await runner.stop(5000)
        expect(isAlive(pid)).toBe(false)
        await expect(runner.whenReady()).rejects.toThrow('stopped')
        expect(await startRun(runner, { message: 'x' }).outcome).toMatchObject({ kind: 'crashed' })
      })
    })

    describe('that answers nonsense', () => {
      const invalid = [
        'wrong-type',
        'nan',
        'cycle',
        'deep',
        'bigint',
        'function',
        'outside-file',
        'symlink-file',
        'outside-path',
        'many-files',
        'huge-chunk',
      ]
      it('fails the run with invalid_output, and goes on in the same process', async () => {
        const runner = await start('garbage')
        const { pid } = runner
        for (const mode of invalid.filter((name) => !(name in skip))) {
          const outcome = await startRun(runner, { mode }).outcome
          expect({ mode, ...outcome }).toMatchObject({ mode, kind: 'failed', code: 'invalid_output' })
        }
        expect(runner.pid).toBe(pid)
      })

      it('fails the run with model_error whatever is thrown', async () => {
        const runner = await start('garbage')
        const outcomes = [
          await startRun(runner, { mode: 'throw-undefined' }).outcome,
          await startRun(runner, { mode: 'throw-string' }).outcome,
        ]
        expect(outcomes).toMatchObject([
          { kind: 'failed', code: 'model_error' },
          { kind: 'failed', code: 'model_error', message: 'just words' },
        ])
      })

      for (const mode of ['raw-bytes', 'no-message', 'other-run', 'oversized-frame']) {
        it.skipIf(mode in skip)(`is replaced when it breaks the protocol (${mode})`, async () => {
          const runner = await start('garbage')
          const pid = runner.pid ?? 0
          expect(await startRun(runner, { mode }).outcome).toMatchObject({ kind: 'protocol_error' })
          expect(isAlive(pid)).toBe(false)
          expect(await startRun(runner, { mode: 'ok' }).outcome).toMatchObject({ kind: 'done' })
        })
      }

      it('is not believed about a file outside of the folder of the run', async () => {
        const outcome = await startRun(await start('garbage'), { mode: 'lying-file' }).outcome
        expect(outcome).toMatchObject({ kind: 'failed', code: 'invalid_output' })
      })

      it('gets a safe name for a file with an odd one', async () => {
        const outcome = await startRun(await start('garbage'), { mode: 'odd-name' }).outcome
        expect(outcome).toMatchObject({ kind: 'done', files: [{ pointer: '/value', name: 'pass-wd' }] })
      })

      it('may give a text of several megabytes', async () => {
        const outcome = await startRun(await start('garbage'), { mode: 'huge-string' }).outcome
        expect(outcome.kind === 'done' && (outcome.output as { value: string }).value.length).toBe(2 * 1024 * 1024)
      })
    })

    modelRunnerAbilities(start)
    modelRunnerCheckpoints(start)
    modelRunnerText(start)
    modelRunnerHeld(start)
    modelRunnerBatches(start)

    describe('that prints', () => {
      it('has what it prints in the log, where a fake answer is only words', async () => {
        const run = startRun(await start('garbage'), { mode: 'fake-protocol' })
        expect(await run.outcome).toMatchObject({ kind: 'done', output: { value: 'real' } })
        expect(run.logs).toMatchObject([{ message: expect.stringContaining('"fake"') }])
      })

      it('is read to the end of 50 MB without a newline, in flat memory, as one cut line', async () => {
        const runner = await start('garbage')
        const before = process.memoryUsage().rss
        const run = startRun(runner, { mode: 'print-50mb' })
        expect(await run.outcome).toMatchObject({ kind: 'done' })
        expect(process.memoryUsage().rss - before).toBeLessThan(40 * 1024 * 1024)
        await startRun(runner, { mode: 'ok' }).outcome
        expect(run.logs.every((log) => log.message.length <= LIMITS.logLineChars)).toBe(true)
      })

      it('has 100 lines a second in the log, and one notice of how many were dropped', async () => {
        const run = startRun(await start('garbage'), { mode: 'print-lines' })
        await run.outcome
        const notices = run.logs.filter((log) => log.message.includes('dropped'))
        expect(notices).toHaveLength(1)
        expect(run.logs.length + Number.parseInt(notices[0]?.message ?? '', 10)).toBe(5001)
        expect(run.logs.length).toBeLessThan(1000)
      })
    })

    it('takes a process along that the model leaves behind', async () => {
      const runner = await start('garbage')
      const outcome = await startRun(runner, { mode: 'leave-child' }).outcome
      const left = outcome.kind === 'done' ? (outcome.output as { value: number }).value : 0
      expect(isAlive(left)).toBe(true)
      await runner.stop(5000)
      await until('it is gone', () => !isAlive(left), { timeoutMs: 2000 })
    })

    it('is replaced when it is idle and silent', async () => {
      const runner = await start('echo', { timings: { silenceMs: 400, checkMs: 100, termMs: 200 } })
      const pid = runner.pid ?? 0
      process.kill(pid, 'SIGSTOP')
      // A stopped process cannot take SIGTERM either.
      await until('the silent process is gone', () => !isAlive(pid))
      await until('another is there', () => runner.pid !== undefined && runner.pid !== pid)
    })

    it('is left alone while it runs, however silent', async () => {
      const runner = await start('hang', { timings: { silenceMs: 100, checkMs: 50 } })
      const outcome = await startRun(runner, { mode: 'block', seconds: 1 }).outcome
      expect(outcome).toMatchObject({ kind: 'done' })
    })

    it('fails a run whose input cannot be written, without an exception', async () => {
      const workDir = join(newRunFolder(), 'missing')
      const outcome = await startRun(await start('echo'), { message: 'x'.repeat(LIMITS.frameBytes) }, { workDir })
        .outcome
      expect(outcome).toMatchObject({ kind: 'crashed' })
    })
  })
}
