/**
 * The part of the suite of every runner that is about runs which the model answers in one call: which go together, and that each has its
 * own end. Called by model-runner.suite.ts, in whatever language the models are.
 */
import { LIMITS } from '@millrace/contracts'
import type { RunRequest } from '@millrace/host'
import { describe, expect, it } from 'vitest'
import type { RunnerProcess } from '../../../libs/host/src/runners/runner-process.ts'
import { until } from '../../support/until.ts'
import { type HeldStart, holdRun, startRun } from './run-in-folder.ts'

const TAKEN_BACK = { kind: 'displaced', runSeconds: 0 }

type Given = { mode?: string; n?: number; seconds?: number; text?: string }

/** Sends runs ahead. `begun` names those that began, in their order. */
function send(runner: RunnerProcess, inputs: Given[], change: Partial<RunRequest> = {}) {
  const begun: number[] = []
  const runs = inputs.map((input, n) =>
    holdRun(runner, { n, ...input }, { ...change, onBegin: () => void begun.push(n) }),
  )
  return { runs, begun, outcomes: Promise.all(runs.map(({ outcome }) => outcome)) }
}

const outputsOf = async ({ outcomes }: ReturnType<typeof send>) =>
  (await outcomes).map((outcome) => (outcome.kind === 'done' ? outcome.output : outcome))
const messages = ({ logs }: HeldStart): string[] => logs.map(({ message }) => message)

/** `start` gives a runner that is ready and is stopped after the test. */
export function modelRunnerBatches(start: (model: 'batch') => Promise<RunnerProcess>): void {
  describe('that answers several runs in one call', () => {
    it('takes what waits when the model is free, and no more than its manifest says', async () => {
      const runner = await start('batch')
      expect(await runner.start()).toMatchObject({ batch: { max_size: 4, max_wait_ms: 0 } })
      const first = send(runner, [{ seconds: 0.2 }, {}])
      await until('they began', () => first.begun.length === 2)
      const next = send(runner, [{}, {}, {}, {}])
      expect([runner.canHold, runner.ready]).toEqual([false, false])
      expect(await outputsOf(first)).toMatchObject([
        { n: 0, call: 1, together: 2 },
        { n: 1, call: 1, together: 2 },
      ])
      await until('the next began', () => next.begun.length === 4)
      const last = send(runner, [{ text: 'ü'.repeat(LIMITS.frameBytes) }])
      expect(await outputsOf(next)).toMatchObject([0, 1, 2, 3].map((n) => ({ n, call: 2, together: 4 })))
      expect(await outputsOf(last)).toMatchObject([{ call: 3, together: 1, chars: LIMITS.frameBytes }])
      expect(await startRun(runner, { n: 7 }).outcome).toMatchObject({ kind: 'done', output: { call: 4, together: 1 } })
    })

    it('gives each its own end, progress, log and pieces, and charges each its part of the time', async () => {
      const runner = await start('batch')
      const sent = send(runner, [{ seconds: 0.4 }, { mode: 'fail' }, { mode: 'wrong' }, { mode: 'emit' }])
      const outcomes = await sent.outcomes
      expect(outcomes).toMatchObject([
        { kind: 'done', output: { n: 0, call: 1, together: 4 } },
        { kind: 'failed', code: 'model_error', message: 'this one cannot be', details: { n: 1 } },
        { kind: 'failed', code: 'invalid_output' },
        { kind: 'done', output: { n: 3, call: 1, together: 4 } },
      ])
      for (const [n, run] of sent.runs.entries()) {
        expect(run.progress).toEqual([{ fraction: 0.5, message: `at ${n}` }])
        expect(messages(run)).toEqual([`logged ${n}`])
        expect(run.chunks).toEqual(n === 3 ? [{ n: 3 }] : [])
      }
      const charged = outcomes.map(({ runSeconds }) => runSeconds)
      expect(Math.min(...charged)).toBeGreaterThanOrEqual(0.09)
      expect(Math.max(...charged)).toBeLessThan(0.3)
    })

    it('refuses an input that does not fit alone, and keeps what is printed from the log of another', async () => {
      const runner = await start('batch')
      const sent = send(runner, [{}, { mode: 'nonsense' }, {}])
      expect(await outputsOf(sent)).toMatchObject([
        { together: 2 },
        { kind: 'failed', code: 'invalid_input' },
        { together: 2 },
      ])
      expect(sent.runs.map(messages)).toEqual([['logged 0'], [], ['logged 2']])
      const printed = send(runner, [{}, { mode: 'print' }])
      expect(await outputsOf(printed)).toMatchObject([{ together: 2 }, { together: 2 }])
      expect(printed.runs.map(messages)).toEqual([['logged 0'], ['logged 1']])
      const alone = send(runner, [{ mode: 'print' }])
      await alone.outcomes
      expect(alone.runs.map((run) => messages(run).sort())).toEqual([['logged 0', 'printed']])
    })

    it('calls each by itself when a call raises or gives too few, but none that has told a part already', async () => {
      const runner = await start('batch')
      const sent = send(runner, [{}, { mode: 'raise' }, { mode: 'emit' }, {}])
      expect(await outputsOf(sent)).toMatchObject([
        { n: 0, call: 2, together: 1 },
        { kind: 'failed', code: 'model_error', message: expect.stringContaining('one of them cannot be') },
        { kind: 'failed', code: 'model_error', partial: { output: [{ n: 2 }] } },
        { n: 3, call: 4, together: 1 },
      ])
      const few = send(runner, [{}, { mode: 'few' }])
      expect(await outputsOf(few)).toMatchObject([
        { n: 0, together: 1 },
        { kind: 'failed', code: 'invalid_output', message: expect.stringContaining('outputs') },
      ])
    })

    it('takes half as many when the memory was not enough for all', async () => {
      const runner = await start('batch')
      const { pid } = runner
      const sent = send(runner, [{ mode: 'crowd' }, {}, {}, {}])
      expect(await outputsOf(sent)).toMatchObject([0, 1, 2, 3].map((n) => ({ n, together: 2 })))
      expect([runner.mostHeld, runner.pid]).toEqual([2, pid])
      const next = send(runner, [{ mode: 'crowd' }, {}, {}])
      expect(await outputsOf(next)).toMatchObject([{ together: 2 }, { together: 2 }, TAKEN_BACK])
    })

    it('lets the others go on when one is canceled or late, and stops the model with the last', async () => {
      const runner = await start('batch')
      const { pid } = runner
      const sent = send(runner, [{ seconds: 0.3 }, {}, {}])
      const late = holdRun(runner, { n: 3 }, { timeoutSeconds: 0.1 })
      await until('they began', () => sent.begun.length === 3)
      sent.runs[1]?.cancel()
      expect(await sent.runs[1]?.outcome).toMatchObject({ kind: 'canceled', killed: false })
      expect(await late.outcome).toMatchObject({ kind: 'timeout', killed: false })
      expect(await outputsOf(sent)).toMatchObject([{ together: 4 }, { kind: 'canceled' }, { together: 4 }])
      const hung = send(runner, [{ mode: 'never' }, {}])
      await until('they began', () => hung.begun.length === 2)
      for (const run of hung.runs) run.cancel()
      const stopped = { kind: 'canceled', killed: false }
      expect(await hung.outcomes).toMatchObject([stopped, stopped])
      expect(await outputsOf(send(runner, [{}]))).toMatchObject([{ together: 1 }])
      expect(runner.pid).toBe(pid)
    })

    it('waits for no checkpoint of one that is canceled while others go on', async () => {
      const runner = await start('batch')
      const late = send(runner, [{ seconds: 0.2 }, { mode: 'keep' }])
      await until('they began', () => late.begun.length === 2)
      late.runs[1]?.cancel()
      expect(await outputsOf(late)).toMatchObject([{ together: 2 }, { kind: 'canceled' }])
      expect(late.runs[1]?.checkpoints).toEqual([])
      let asked = false
      const onCheckpoint = () => ((asked = true), new Promise<never>(() => {}))
      const asking = send(runner, [{}, { mode: 'keep' }], { onCheckpoint })
      await until('it is asked for', () => asked)
      asking.runs[1]?.cancel()
      expect(await outputsOf(asking)).toMatchObject([{ together: 2 }, { kind: 'canceled' }])
    })

    it('blames nobody alone when its process ends, and gives back unblamed what waited', async () => {
      const runner = await start('batch')
      const sent = send(runner, [{ seconds: 0.2 }])
      await until('it began', () => sent.begun.length === 1)
      const next = send(runner, [{ mode: 'exit' }, {}])
      await until('they began', () => next.begun.length === 2)
      const crashed = { kind: 'crashed', exitCode: 1, shared: true }
      expect(await next.outcomes).toMatchObject([crashed, crashed])
      expect(await sent.outcomes).toMatchObject([{ kind: 'done' }])
      await runner.whenReady()
      const waiting = send(runner, [{ mode: 'never' }])
      await until('it began', () => waiting.begun.length === 1)
      const behind = send(runner, [{}])
      process.kill(runner.pid ?? 0, 'SIGKILL')
      expect(await waiting.outcomes).toMatchObject([{ kind: 'crashed', shared: false }])
      expect([await behind.outcomes, behind.begun]).toEqual([[TAKEN_BACK], []])
    })
  })
}
