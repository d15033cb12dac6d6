/** The five runs that `millrace check` makes of a model. */
import type { JobKind } from '@millrace/contracts'
import type { LocalModel, LocalRun } from '@millrace/host'
import { LeftError } from '../command/command-error.ts'
import { plainText } from '../terminal/plain-text.ts'
import { explainRun } from '../local/explain-run.ts'
import type { SampleInput } from './make-sample-input.ts'

const RUNS = 5

export interface RunChecksOptions {
  kind: JobKind
  /** An input with a value for every field. */
  full: SampleInput
  /** An input with required fields only, for the last run. */
  least: SampleInput
  signal: AbortSignal
}

/**
 * Resolves with the times of the runs that ended well, a text for each thing that is wrong, and a text for each thing that
 * may be intended. Rejects with LeftError when stopped.
 */
export async function runChecks(model: LocalModel, { kind, full, least, signal }: RunChecksOptions) {
  const seconds: number[] = []
  const faults = new Map<string, number[]>()
  const notes: string[] = []
  for (let count = 1; count <= RUNS; count++) {
    const { input, files } = count === RUNS ? least : full
    const { wrong, took, refused } = await tryOnce(model, { kind, input, files, signal })
    if (signal.aborted) throw new LeftError('Stopped.')
    if (wrong === undefined) seconds.push(took)
    else if (count === RUNS && refused && faults.size === 0) notes.push(noteText(wrong))
    else faults.set(wrong, [...(faults.get(wrong) ?? []), count])
  }
  return { seconds, faults: [...faults].map(([wrong, runs]) => faultText(wrong, runs)), notes }
}

async function tryOnce(model: LocalModel, request: Omit<Parameters<LocalModel['run']>[0], 'onLog'>) {
  const { LocalInputError } = await import('@millrace/host')
  let run: LocalRun | undefined
  try {
    run = await model.run({
      ...request,
      onLog: (level, message) => console.error(plainText(level === 'info' ? message : `${level}: ${message}`)),
    })
    const { kind, runSeconds } = run.outcome
    return { wrong: explainRun(run)?.join('\n'), took: runSeconds, refused: kind === 'failed' }
  } catch (error) {
    if (!(error instanceof LocalInputError)) throw error
    return {
      wrong: `No input that fits could be made: ${error.message}. Give that field with --input.`,
      took: 0,
      refused: false,
    }
  } finally {
    await run?.discard()
  }
}

/**
 * For a model that refuses an input with required fields only. Many do, and some conventions cannot say which fields are
 * required.
 */
function noteText(wrong: string): string {
  const [first = ''] = wrong.split('\n')
  return `Note: without the fields that may be left out it fails. ${first}\nMark those that it needs as required, if its convention can say so.`
}

function faultText(wrong: string, runs: number[]): string {
  const [first = '', ...more] = wrong.split('\n')
  const last = runs.length === 1 && runs[0] === RUNS
  const some = last ? 'The run with only the fields that must be given' : `Run ${runs.join(', ')} of ${RUNS}`
  const which = runs.length === RUNS ? 'Every run' : some
  return [`${which} failed. ${first}`, ...more.map((line) => `    ${line}`)].join('\n')
}

/** Names the first time by itself, since it often differs, then the average and the range. */
export function timesText(seconds: number[]): string {
  const average = seconds.reduce((sum, one) => sum + one, 0) / seconds.length
  const [least, most] = [Math.min(...seconds), Math.max(...seconds)]
  const ms = (value: number): string => (value < 1 ? `${(value * 1000).toFixed(1)} ms` : `${value.toFixed(2)} s`)
  return `${seconds.length} runs went well: first ${ms(seconds[0] ?? 0)}, average ${ms(average)}, ${ms(least)} to ${ms(most)}.`
}
