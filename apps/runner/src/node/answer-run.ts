/**
 * Answers one `run` in the runner's process, with exactly one of done, failed or canceled, whatever the model does. If
 * the run fails or stops, the answer carries what it had emitted, as a list.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type HostMessage, LIMITS, replaceAt, type RunnerMessage } from '@millrace/contracts'
import {
  type AnyModel,
  createModelFile,
  type ExecutedRun,
  executeRun,
  InvalidInputError,
  InvalidOutputError,
  type LogLevel,
  ModelError,
  type RunSetting,
} from '@millrace/model'
import { describeThrown } from './describe-thrown.ts'
import { KeptChunks, withPartial } from './kept-chunks.ts'
import { lackedMemory } from './lacked-memory.ts'
import { JSON_OUTPUT_BYTES, SPILL_BYTES } from '../protocol/json-output.ts'
import { noteLeftOut, smallNote } from '../protocol/small-note.ts'
import { plainNote } from './plain-note.ts'
import { RunCheckpoints } from './checkpoints/run-checkpoints.ts'
import { StopSignal } from './stop-signal.ts'

type RunOrder = Extract<HostMessage, { type: 'run' }>

export interface AnswerOptions {
  device: string
  send: (message: RunnerMessage) => void
  /** Sends a message that is JSON already. */
  sendFrame: (json: string) => void
  /** Waited for just before it says that the run is done. */
  beforeDone: () => Promise<void>
  /** As in RunSetting: calls the model for this run together with others. */
  call?: RunSetting['call']
}

export interface AnswerableRun {
  readonly id: string
  readonly checkpoints: Pick<RunCheckpoints, 'heard' | 'drain'>
  cancel(): void
  /** Answers at once, for an error that came from outside of the run's own calls. */
  fail(thrown: unknown): void
  /** Resolves when the answer is sent and the model has left `predict`. */
  readonly ended: Promise<void>
}

/** Starts the run. `loaded` is what the model's `setup` returned. */
export function answerRun(model: AnyModel, loaded: unknown, order: RunOrder, options: AnswerOptions): AnswerableRun {
  const { id, work_dir: workDir } = order
  const { device, send, sendFrame, beforeDone, call } = options
  const stop = new StopSignal()
  const chunks = new KeptChunks(workDir)
  let open = true
  const checkpoints = new RunCheckpoints(order, (message) => say(message))
  const say = (message: RunnerMessage): void => {
    if (open) send(message)
  }
  const close = (): void => {
    open = false
    chunks.close()
    checkpoints.close()
  }
  const log = (level: LogLevel, message: string): void => say({ type: 'log', id, level, message })
  const noteOf = (what: 'details' | 'metrics', note: Record<string, unknown> | undefined) => {
    const small = note && smallNote(plainNote(note))
    if (note && !small) log('warn', noteLeftOut(what))
    return small && { [what]: small }
  }
  const fail = (thrown: unknown): void => {
    if (!open) return
    const details = thrown instanceof ModelError ? noteOf('details', thrown.details) : undefined
    const answer: RunnerMessage = stop.isAsked ? { type: 'canceled', id } : { ...failure(id, thrown), ...details }
    close()
    sendFrame(withPartial(answer, chunks, workDir))
  }

  const perform = async (): Promise<void> => {
    try {
      const ran = await executeRun(model, loaded, await inputOf(order), {
        kind: order.kind,
        checkpoints: await checkpoints.opened(),
        device,
        workDir,
        call,
        get signal() {
          return stop.signal
        },
        onProgress: (fraction, message) => say({ type: 'progress', id, fraction, message }),
        // One more than is kept: the worker tells that the line was cut.
        onLog: (level, message) => log(level, message.slice(0, LIMITS.logLineChars + 1)),
        onOutput: (chunk) => {
          if (!open) return
          const text = JSON.stringify(chunk)
          sendFrame(`${JSON.stringify({ type: 'output', id }).slice(0, -1)},"chunk":${text}}`)
          chunks.add(text)
        },
      })
      const frame = await doneFrame(order, ran, noteOf('metrics', ran.metrics))
      if (open) await beforeDone()
      if (open) sendFrame(frame)
      close()
    } catch (thrown) {
      fail(thrown)
    }
  }
  return { id, checkpoints, fail, cancel: () => stop.ask(), ended: perform() }
}

async function inputOf(order: RunOrder): Promise<unknown> {
  const path = order.input_path
  const input = path === undefined ? order.input : JSON.parse(await readFile(path, 'utf8'))
  for (const { pointer, path, name, content_type: contentType, size, sha256 } of order.files) {
    const file = createModelFile({ path: resolve(order.work_dir, path), name, contentType, size, sha256 })
    if (!replaceAt(input, pointer, file)) throw new InvalidInputError('a file has no place in the input')
  }
  return input
}

/** Joined as text: the output is made into JSON once, however it travels. */
async function doneFrame(
  { id, work_dir: workDir }: RunOrder,
  { output, files }: ExecutedRun,
  metrics: Record<string, unknown> | undefined,
): Promise<string> {
  const done: RunnerMessage = { type: 'done', id, files, ...metrics }
  const text = jsonOf(output)
  if (Buffer.byteLength(text) <= SPILL_BYTES) return `${JSON.stringify(done).slice(0, -1)},"output":${text}}`
  const outputPath = '.output.json'
  await writeFile(resolve(workDir, outputPath), text, { flag: 'wx' })
  return JSON.stringify({ ...done, output_path: outputPath })
}

function jsonOf(output: unknown): string {
  const tooLarge = 'the output is too large; put large data into a file'
  let text: string
  try {
    text = JSON.stringify(output) ?? 'null'
  } catch (error) {
    throw new InvalidOutputError(tooLarge, { cause: error })
  }
  if (text.length > JSON_OUTPUT_BYTES || Buffer.byteLength(text) > JSON_OUTPUT_BYTES) {
    throw new InvalidOutputError(tooLarge)
  }
  return text
}

function failure(id: string, thrown: unknown): RunnerMessage {
  if (thrown instanceof InvalidInputError) return { type: 'failed', id, code: 'invalid_input', message: thrown.message }
  if (thrown instanceof InvalidOutputError) {
    return { type: 'failed', id, code: 'invalid_output', message: thrown.message }
  }
  return {
    type: 'failed',
    id,
    code: 'model_error',
    ...describeThrown(thrown),
    ...(lackedMemory(thrown) && { out_of_memory: true }),
  }
}
