/**
 * The part of the suite of every runner that is about what not every model can: be trained, add notes, give a part of its
 * output, take several runs at once. Called by model-runner.suite.ts, in whatever language the models are.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LIMITS } from '@millrace/contracts'
import { describe, expect, it } from 'vitest'
import type { RunnerProcess } from '../../../libs/host/src/runners/runner-process.ts'
import type { RunnerTimings } from '../../../libs/host/src/runners/runner-process-options.ts'
import { until } from '../../support/until.ts'
import { type StartedRun, startRun } from './run-in-folder.ts'

type AbilityModel = 'echo' | 'garbage' | 'notes' | 'parallel' | 'stream' | 'trainer'
type StartModel = (model: AbilityModel, options?: { timings?: Partial<RunnerTimings> }) => Promise<RunnerProcess>

/** `start` gives a runner that is ready and is stopped after the test. */
export function modelRunnerAbilities(start: StartModel): void {
  describe('whose model can be trained', () => {
    it('says so, trains by the schemas of the training, and predicts in the same process', async () => {
      const runner = await start('trainer')
      expect(await runner.start()).toMatchObject({
        training: { input_schema: { type: 'object' }, output_schema: { type: 'object' }, timeout_seconds: 7200 },
      })
      const { pid } = runner
      const training = startRun(runner, { epochs: 2 }, { kind: 'training' })
      const outcome = await training.outcome
      expect(outcome).toMatchObject({
        kind: 'done',
        output: { weights: null, loss: 0.5 },
        files: [{ pointer: '/weights' }],
        metrics: { epochs: 2 },
      })
      const [file] = outcome.kind === 'done' ? outcome.files : []
      expect(readFileSync(join(training.workDir, file?.path ?? ''), 'utf8')).toBe('2 epochs')
      expect(training.progress.at(-1)).toEqual({ fraction: 1, message: 'epoch 2' })
      expect(await startRun(runner, { text: 'x' }).outcome).toMatchObject({ kind: 'done', output: { text: 'x' } })
      expect(runner.pid).toBe(pid)
    })

    it('refuses an input of the other kind', async () => {
      const outcome = await startRun(await start('trainer'), { epochs: 'many' }, { kind: 'training' }).outcome
      expect(outcome).toMatchObject({ kind: 'failed', code: 'invalid_input' })
    })

    it('refuses a training of a model that has none', async () => {
      const outcome = await startRun(await start('echo'), { message: 'x' }, { kind: 'training' }).outcome
      expect(outcome).toMatchObject({ kind: 'failed', code: 'invalid_input' })
    })
  })

  describe('that adds notes', () => {
    it('hands on what the model measured, and leaves out what is too large', async () => {
      const runner = await start('notes')
      const outcome = await startRun(runner, { mode: 'metrics' }).outcome
      expect(outcome).toMatchObject({ kind: 'done', metrics: { pages: 7, languages: ['eng', 'deu'] } })
      const large = startRun(runner, { mode: 'large-metrics' })
      expect(await large.outcome).toMatchObject({ kind: 'done', output: { value: 'noted' } })
      expect(await large.outcome).not.toHaveProperty('metrics')
      expect(large.logs).toMatchObject([{ level: 'warn', message: expect.stringContaining('metrics were left out') }])
    })

    it('leaves out a measurement or a detail that is no JSON, names it, and fails nothing for it', async () => {
      const runner = await start('notes')
      const run = startRun(runner, { mode: 'odd-metrics' })
      expect(await run.outcome).toMatchObject({ kind: 'done', output: { value: 'noted' }, metrics: { pages: 7 } })
      expect(await run.outcome).not.toHaveProperty('metrics.loss')
      expect(run.logs).toMatchObject([
        { level: 'warn', message: expect.stringMatching(/^the metric loss was left out/) },
      ])
      const failing = startRun(runner, { mode: 'odd-details' })
      expect(await failing.outcome).toMatchObject({ kind: 'failed', code: 'model_error', message: 'out of quota' })
      expect(failing.logs).toMatchObject([{ level: 'warn', message: expect.stringMatching(/detail.* left out/) }])
    })

    it("hands on the details of the model's own error, and leaves out what is too large", async () => {
      const runner = await start('notes')
      const outcome = await startRun(runner, { mode: 'details' }).outcome
      expect(outcome).toMatchObject({
        ...{ kind: 'failed', code: 'model_error', message: 'out of quota' },
        details: { status: 429, left: [0, 1] },
      })
      const large = startRun(runner, { mode: 'large-details' })
      expect(await large.outcome).toMatchObject({ kind: 'failed', message: 'out of quota' })
      expect(await large.outcome).not.toHaveProperty('details')
    })
  })

  describe('that has given something before its end', () => {
    it('keeps it when the run fails', async () => {
      const outcome = await startRun(await start('stream'), { fail_after: 2 }).outcome
      expect(outcome).toMatchObject({
        ...{ kind: 'failed', code: 'model_error' },
        partial: { output: [{ index: 0 }, { index: 1 }], files: [] },
      })
    })

    it('keeps it when the run is canceled', async () => {
      const run = startRun(await start('stream'), { chunks: 1000, pause_ms: 20 })
      await until('two chunks came', () => run.chunks.length >= 2)
      run.cancel()
      const outcome = await run.outcome
      expect(outcome).toMatchObject({ kind: 'canceled', killed: false })
      expect(outcome.kind === 'canceled' && outcome.partial?.output).toEqual(run.chunks)
    })

    it('keeps it when the run is out of time', async () => {
      const run = startRun(await start('stream'), { chunks: 1000, pause_ms: 20 }, { timeoutSeconds: 0.3 })
      const outcome = await run.outcome
      expect(outcome).toMatchObject({ kind: 'timeout', killed: false })
      expect(outcome.kind === 'timeout' && outcome.partial?.output).toEqual(run.chunks)
    })

    it('keeps it when the process dies, or has to be killed', async () => {
      const runner = await start('stream', { timings: { termMs: 100 } })
      const dead = await startRun(runner, { die_after: 2 }).outcome
      expect(dead).toMatchObject({
        kind: 'crashed',
        signal: 'SIGKILL',
        partial: { output: [{ index: 0 }, { index: 1 }] },
      })
      const late = await startRun(runner, { hang_after: 1 }, { timeoutSeconds: 1 }).outcome
      expect(late).toMatchObject({ kind: 'timeout', killed: true, partial: { output: [{ index: 0 }] } })
      const run = startRun(runner, { hang_after: 1 })
      await until('it is deaf', () => run.logs.some(({ message }) => message === 'deaf'))
      run.cancel()
      expect(await run.outcome).toMatchObject({ kind: 'canceled', killed: true, partial: { output: [{ index: 0 }] } })
      expect(await startRun(runner, { chunks: 0, die_after: 1 }).outcome).not.toHaveProperty('partial')
    })

    it('keeps what is larger than a frame', async () => {
      const chars = LIMITS.frameBytes / 4
      const outcome = await startRun(await start('stream'), { chunks: 8, chunk_chars: chars, fail_after: 8 }).outcome
      const output = outcome.kind === 'failed' ? outcome.partial?.output : undefined
      expect((output as { text: string }[]).map(({ text }) => text.length)).toEqual(
        Array.from({ length: 8 }, () => chars),
      )
    })

    it('keeps nothing when there was nothing', async () => {
      const runner = await start('garbage')
      expect(await startRun(runner, { mode: 'throw-string' }).outcome).not.toHaveProperty('partial')
    })
  })

  describe('that takes several runs at once', () => {
    const begun = (run: StartedRun) => until('the run is under way', () => run.progress.length > 0)

    it('runs as many as its manifest says in one process, and no more', async () => {
      const runner = await start('parallel')
      expect(await runner.start()).toMatchObject({ concurrency: 4 })
      const runs = [1, 2, 3, 4].map(() => startRun(runner, { mode: 'meet', others: 3 }))
      await Promise.all(runs.map(begun))
      expect(runner.ready).toBe(false)
      const fifth = startRun(runner, { mode: 'meet', others: 0 })
      for (const run of [...runs, fifth]) {
        expect(await run.outcome).toMatchObject({ kind: 'done', output: { most: 4, pid: runner.pid } })
      }
      expect(runner.ready).toBe(true)
    })

    it('tells what is said and printed apart by run, and gives what native code prints to none of several', async () => {
      const runner = await start('parallel')
      const runs = ['one', 'two'].map((says) => ({ says, run: startRun(runner, { mode: 'meet', says }) }))
      for (const { says, run } of runs) {
        await run.outcome
        expect(run.chunks).toEqual([{ says }])
        expect(run.logs.map((log) => log.message).sort()).toEqual([`logged ${says}`, `told ${says} é`])
      }
      const alone = startRun(runner, { mode: 'meet', others: 0, says: 'three' })
      await alone.outcome
      expect(alone.logs.map((log) => log.message).sort()).toEqual(['logged three', 'printed three', 'told three é'])
    })

    it('stops the run that is canceled, and no other', async () => {
      const runner = await start('parallel')
      const { pid } = runner
      const [stopped, going] = [startRun(runner, { mode: 'polite' }), startRun(runner, { mode: 'meet', others: 2 })]
      await Promise.all([begun(stopped), begun(going)])
      stopped.cancel()
      expect(await stopped.outcome).toMatchObject({ kind: 'canceled', killed: false })
      const others = [1, 2].map(() => startRun(runner, { mode: 'meet', others: 2 }))
      for (const run of [going, ...others]) expect(await run.outcome).toMatchObject({ kind: 'done' })
      expect(runner.pid).toBe(pid)
    })

    it('displaces its other runs, blaming nobody, when one does not stop when asked', async () => {
      const runner = await start('parallel', { timings: { termMs: 300 } })
      const { pid } = runner
      const [deaf, other] = [startRun(runner, { mode: 'never' }), startRun(runner, { mode: 'polite' })]
      await Promise.all([begun(deaf), begun(other)])
      deaf.cancel()
      expect(await deaf.outcome).toMatchObject({ kind: 'canceled', killed: true })
      expect(await other.outcome).toMatchObject({ kind: 'displaced' })
      const next = startRun(runner, { mode: 'meet', others: 0 })
      expect(await next.outcome).toMatchObject({ kind: 'done' })
      expect(runner.pid).not.toBe(pid)
    })

    it('tells each of its runs of a crash that may be the fault of any', async () => {
      const runner = await start('parallel')
      const other = startRun(runner, { mode: 'polite' })
      await begun(other)
      const crashing = startRun(runner, { mode: 'exit1' })
      for (const run of [other, crashing]) {
        expect(await run.outcome).toMatchObject({ kind: 'crashed', exitCode: 1, shared: true })
      }
      expect(await startRun(runner, { mode: 'exit1' }).outcome).toMatchObject({ kind: 'crashed', shared: false })
    })
  })
}
