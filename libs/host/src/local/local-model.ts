/**
 * One model in its real runner, without Redis and without a server. `millrace run`, `check` and `doctor` use it. It also
 * does what a worker does around a run: it completes and checks the input, and checks the answer. Made by openLocalModel.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { JobKind, Manifest, RunnerFile } from '@millrace/contracts'
import { InvalidOutputError } from '@millrace/model'
import type { OutputFault } from '../checks/output-fault.ts'
import { compileInputCheck, type FilledInput } from '../checks/compile-input-check.ts'
import { compileOutputCheck } from '../checks/compile-output-check.ts'
import { nullableOutput } from '../checks/nullable-output.ts'
import type { Interpreter } from '../python/find-python.ts'
import type { Runner, RunOutcome, RunRequest } from '../runner.ts'
import { type LocalFile, placeFiles } from './place-files.ts'

/** The input does not fit the model's schema, or the model has no such kind of run. Nothing was run. */
export class LocalInputError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'LocalInputError'
  }
}

export interface LocalRunRequest extends Partial<Pick<RunRequest, 'onProgress' | 'onLog' | 'onOutput'>> {
  kind: JobKind
  /** It has null in place of each file. */
  input: unknown
  files: LocalFile[]
  signal: AbortSignal
}

export interface LocalRun {
  outcome: RunOutcome
  /** Where the answer differs from its schema. Undefined when it fits. */
  fault: OutputFault | undefined
  /** The files of a done answer, with absolute paths. They exist until the model is closed or the run is discarded. */
  files: RunnerFile[]
  discard(): Promise<void>
}

/** Milliseconds from asking a model to end until it is killed. */
export const STOP_MS = 2000

export class LocalModel {
  readonly manifest: Manifest
  readonly interpreter: Interpreter | undefined
  readonly loadSeconds: number
  /** What is wrong with its examples; see prepareExamples. */
  readonly exampleFaults: readonly string[]
  readonly #runner: Runner
  /** The folders of runs that are not discarded yet. */
  readonly #folders = new Set<string>()
  readonly #inputCheckOf = keptBy(compileInputCheck)
  readonly #outputCheckOf = keptBy(compileOutputCheck)
  #closing: Promise<void> | undefined

  /** `runner` has loaded the model. */
  constructor(runner: Runner, loaded: Pick<LocalModel, 'manifest' | 'interpreter' | 'loadSeconds' | 'exampleFaults'>) {
    this.#runner = runner
    this.manifest = loaded.manifest
    this.interpreter = loaded.interpreter
    this.loadSeconds = loaded.loadSeconds
    this.exampleFaults = loaded.exampleFaults
  }

  /** Runs the model once. Nothing that the model does makes it reject. Rejects with LocalInputError before anything is run. */
  async run(request: LocalRunRequest): Promise<LocalRun> {
    const { kind, signal, onProgress = ignore, onLog = ignore, onOutput = ignore } = request
    const side = sideOf(this.manifest, kind)
    const folder = await mkdtemp(join(tmpdir(), 'millrace-run-'))
    this.#folders.add(folder)
    const files = await placeFiles(request.files, folder)
    const input = await fitting(this.#inputCheckOf(side.input_schema)(structuredClone(request.input), files))
    const outcome = await this.#runner.run({
      ...{ id: 'run', kind, input, files, workDir: folder, signal, timeoutSeconds: side.timeout_seconds },
      ...{ onProgress, onLog, onOutput },
    })
    const discard = () => this.#discard(folder)
    if (outcome.kind !== 'done') return { outcome, fault: undefined, files: [], discard }
    const check = nullableOutput(this.manifest, this.#outputCheckOf(side.output_schema))
    const fault = await faultOf(check(outcome.output, outcome.files))
    const made = outcome.files.map((file) => ({ ...file, path: resolve(folder, file.path) }))
    return { outcome, fault, files: made, discard }
  }

  /** Ends the process and deletes what the runs have left. A second call returns the same promise. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll()
    return this.#closing
  }

  async #closeAll(): Promise<void> {
    await this.#runner.stop(STOP_MS)
    for (const folder of this.#folders) await this.#discard(folder)
  }

  async #discard(folder: string): Promise<void> {
    this.#folders.delete(folder)
    await rm(folder, { recursive: true, force: true })
  }
}

const ignore = () => undefined

/** Makes one check per schema, when it is first needed. */
function keptBy<T>(make: (schema: Record<string, unknown>) => T): (schema: Record<string, unknown>) => T {
  const kept = new Map<object, T>()
  return (schema) => {
    const known = kept.get(schema) ?? make(schema)
    kept.set(schema, known)
    return known
  }
}

/**
 * Resolves with the input and its defaults. Rejects with LocalInputError when the input does not fit, or when its schema
 * can't be used.
 */
async function fitting(checked: Promise<FilledInput>): Promise<unknown> {
  const { input, fault } = await checked.catch((error: unknown) => {
    throw error instanceof InvalidOutputError ? new LocalInputError(error.message) : error
  })
  if (fault) throw new LocalInputError(`${fault.pointer || 'the input'} ${fault.message}`)
  return input
}

/** A check that costs too much is a fault of the schema, so it counts as a fault of the answer. */
const faultOf = (checked: Promise<OutputFault | undefined>): Promise<OutputFault | undefined> =>
  checked.catch((error: unknown) => {
    if (error instanceof InvalidOutputError) return { pointer: '', message: `could not be checked: ${error.message}` }
    throw error
  })

/** The schemas for a run of that kind. Throws LocalInputError when the model has no such runs. */
function sideOf(manifest: Manifest, kind: JobKind) {
  if (kind === 'prediction') return manifest
  if (manifest.training !== null) return manifest.training
  throw new LocalInputError(`${manifest.name} cannot be trained: it has no training`)
}
