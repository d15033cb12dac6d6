/** Runs a loaded model once or many times with one input, and measures each run. Called by `millrace run`. */
import type { JobKind } from '@millrace/contracts'
import type { LocalFile, LocalModel, LocalRun } from '@millrace/host'
import { CommandError, LeftError } from '../command/command-error.ts'
import { errorCodeOf, explainRun } from './explain-run.ts'

export interface LoopOptions {
  kind: JobKind
  input: unknown
  files: LocalFile[]
  times: number
  /** Aborting ends the run in progress and the loop. */
  signal: AbortSignal
  /** Called with what the model prints, logs and reports, and with the time of each run of a loop. */
  say(line: string): void
}

export interface LoopResult {
  /** The last run. Its files exist until the model is closed. */
  run: LocalRun
  /** The time of each run. */
  seconds: number[]
  /** Says what is wrong with the last run; undefined when it went well. The loop ends at the first run that went wrong. */
  wrong: string[] | undefined
  code: string | undefined
}

/** Rejects with CommandError when the input does not fit, and with LeftError when it was stopped. */
export async function runLoop(model: LocalModel, options: LoopOptions): Promise<LoopResult> {
  const { times, signal, say } = options
  const seconds: number[] = []
  let run: LocalRun | undefined
  for (let count = 1; count <= times && !signal.aborted; count++) {
    await run?.discard()
    run = await runOnce(model, options)
    if (signal.aborted) break
    const took = run.outcome.runSeconds
    seconds.push(took)
    const wrong = explainRun(run)
    if (wrong !== undefined) return { run, seconds, wrong, code: errorCodeOf(run) }
    if (times > 1) say(`run ${count}: ${rateText(took, seconds)}`)
  }
  if (run === undefined || seconds.length === 0) throw new LeftError('Stopped.')
  return { run, seconds, wrong: undefined, code: undefined }
}

function rateText(took: number, seconds: number[]): string {
  const average = seconds.reduce((sum, one) => sum + one, 0) / seconds.length
  return `${took.toFixed(3)} s, average ${average.toFixed(3)} s, ${(1 / average).toFixed(1)} per second`
}

async function runOnce(model: LocalModel, { kind, input, files, signal, say }: LoopOptions): Promise<LocalRun> {
  const { LocalInputError } = await import('@millrace/host')
  let last = ''
  try {
    return await model.run({
      kind,
      input,
      files,
      signal,
      onLog: (level, message) => say(level === 'info' ? message : `${level}: ${message}`),
      onProgress: (fraction, message) => {
        const text = `${Math.floor(fraction * 100)} %${message ? `  ${message}` : ''}`
        if (text !== last) say(text)
        last = text
      },
      onOutput: (chunk) => say(`output: ${JSON.stringify(chunk)}`),
    })
  } catch (error) {
    if (error instanceof LocalInputError) throw new CommandError('input', `The input does not fit: ${error.message}.`)
    throw error
  }
}
