/**
 * One model in its real runner, without Redis and without a server: `millrace run`, `check` and `doctor` stand on it.
 * What a worker does around a run is done here too: the input is completed and checked, the answer is checked.
 */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type JobKind, type Manifest, type RunnerFile, safeFileName } from '@millrace/contracts'
import { type ConfiguredModel, type RunnerContext, configureModel } from '../models/configure-model.ts'
import type { ModelSource } from '../models/discover-models.ts'
import type { Interpreter } from '../python/find-python.ts'
import { installCommand } from '../python/missing-packages.ts'
import type { Runner, RunOutcome, RunRequest } from '../runner.ts'
import type { LoadFailure } from '../process/runner-process.ts'
import { nullableOutput } from '../checks/nullable-output.ts'
import { InvalidOutputError } from '@millrace/model'
import {
  compileInputCheck,
  compileOutputCheck,
  type FilledInput,
  type OutputFault,
} from '../checks/compile-output-check.ts'

export interface LocalModelOptions extends Omit<RunnerContext, 'onLoadFailed'> {
  /** As in MILLRACE_SLOTS: `cpu`, `cuda:0`. */
  device: string
  /** How long it may take to load. Milliseconds. */
  loadTimeoutMs: number
  /** Aborting it gives up the loading. */
  signal?: AbortSignal
}

/** The model could not be loaded; `message` is its first failure's. */
export class ModelLoadError extends Error {
  readonly failure: LoadFailure
  readonly interpreter: Interpreter | undefined
  /** Its packages are not installed: it was not even tried. */
  readonly isPassedOver: boolean

  constructor(failure: LoadFailure, interpreter?: Interpreter, isPassedOver = false) {
    super(failure.message)
    this.name = 'ModelLoadError'
    this.failure = failure
    this.interpreter = interpreter
    this.isPassedOver = isPassedOver
  }
}

/** The input does not fit the model's schema, or the model has no such kind of run; nothing was run. */
export class LocalInputError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'LocalInputError'
  }
}

/** A file for an input: bytes, or where they are. */
export interface LocalFile {
  /** JSON pointer to its place; the input holds null there. */
  pointer: string
  source: Uint8Array | { path: string }
  name: string
  contentType: string
}

export interface LocalRunRequest extends Partial<Pick<RunRequest, 'onProgress' | 'onLog' | 'onOutput'>> {
  kind: JobKind
  /** Null in place of each file. */
  input: unknown
  files: LocalFile[]
  signal: AbortSignal
}

export interface LocalRun {
  outcome: RunOutcome
  /** Where a done answer differs from its schema. */
  fault: OutputFault | undefined
  /** Of a done answer, with absolute paths; there until the model is closed or the run is discarded. */
  files: RunnerFile[]
  discard(): Promise<void>
}

export interface LocalModel {
  manifest: Manifest
  interpreter: Interpreter | undefined
  loadSeconds: number
  /** Never rejects for what the model does. Rejects with LocalInputError before anything is run. */
  run(request: LocalRunRequest): Promise<LocalRun>
  /** Ends the process and deletes what the runs have left. A second call gives the promise of the first. */
  close(): Promise<void>
}

const STOP_MS = 2000

/** Loads it. Rejects with ModelLoadError at its first failure, and with the signal's reason. */
export async function openLocalModel(source: ModelSource, options: LocalModelOptions): Promise<LocalModel> {
  const begun = performance.now()
  let hear: (failure: LoadFailure) => void = () => undefined
  const model = await configureModel(source, { ...options, onLoadFailed: (_source, failure) => hear(failure) })
  mustBeInstalled(model, dirname(source.path))
  let runner: Runner | undefined
  let timer: NodeJS.Timeout | undefined
  try {
    const manifest = await new Promise<Manifest>((resolve, reject) => {
      hear = (failure) => reject(new ModelLoadError(failure, model.interpreter))
      const { loadTimeoutMs, signal } = options
      if (signal?.aborted) throw signal.reason
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      timer = setTimeout(() => hear({ message: `it was not loaded after ${loadTimeoutMs / 1000} s` }), loadTimeoutMs)
      runner = createRunner(model, options.device)
      runner.start().then(resolve, reject)
    })
    const loadSeconds = (performance.now() - begun) / 1000
    return localModelOf(runner as Runner, { manifest, loadSeconds, interpreter: model.interpreter })
  } catch (error) {
    await runner?.stop(STOP_MS)
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function mustBeInstalled({ missing = [], interpreter }: ConfiguredModel, folder: string): void {
  if (missing.length === 0) return
  const message = `${missing.join(', ')}: not installed; run\n${installCommand(folder, process.cwd())}`
  throw new ModelLoadError({ message }, interpreter, true)
}

function createRunner(model: ConfiguredModel, device: string): Runner {
  try {
    return model.createRunner(device)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new ModelLoadError({ message }, model.interpreter)
  }
}

type Loaded = Pick<LocalModel, 'manifest' | 'loadSeconds' | 'interpreter'>

function localModelOf(runner: Runner, loaded: Loaded): LocalModel {
  const { manifest } = loaded
  const folders = new Set<string>()
  const inputCheckOf = keptBy(compileInputCheck)
  const outputCheckOf = keptBy(compileOutputCheck)
  let closing: Promise<void> | undefined
  const closeAll = async () => {
    await runner.stop(STOP_MS)
    for (const folder of folders) await discard(folder)
  }
  const discard = async (folder: string) => {
    folders.delete(folder)
    await rm(folder, { recursive: true, force: true })
  }

  return {
    ...loaded,
    async run(request) {
      const side = sideOf(manifest, request.kind)
      const folder = await mkdtemp(join(tmpdir(), 'millrace-run-'))
      folders.add(folder)
      const files = await placeFiles(request.files, folder)
      const { input, fault: misfit } = await filled(
        inputCheckOf(side.input_schema)(structuredClone(request.input), files),
      )
      if (misfit) throw new LocalInputError(`${misfit.pointer || 'the input'} ${misfit.message}`)
      const { kind, signal, onProgress = ignore, onLog = ignore, onOutput = ignore } = request
      const timeoutSeconds = side.timeout_seconds
      const told = {
        id: 'run',
        kind,
        input,
        files,
        workDir: folder,
        signal,
        timeoutSeconds,
        onProgress,
        onLog,
        onOutput,
      }
      const outcome = await runner.run(told)
      const made = outcome.kind === 'done' ? outcome.files : []
      const checkOutput = nullableOutput(manifest, outputCheckOf(side.output_schema))
      const fault = outcome.kind === 'done' ? await faultOf(checkOutput(outcome.output, outcome.files)) : undefined
      const found = made.map((file) => ({ ...file, path: resolve(folder, file.path) }))
      return { outcome, fault, files: found, discard: () => discard(folder) }
    },
    close() {
      closing ??= closeAll()
      return closing
    },
  }
}

const ignore = () => undefined

/** One check per schema, made when it is first asked for. */
function keptBy<T>(make: (schema: Record<string, unknown>) => T): (schema: Record<string, unknown>) => T {
  const kept = new Map<object, T>()
  return (schema) => {
    const known = kept.get(schema) ?? make(schema)
    kept.set(schema, known)
    return known
  }
}

const filled = (checked: Promise<FilledInput>): Promise<FilledInput> =>
  checked.catch((error: unknown) => {
    throw error instanceof InvalidOutputError ? new LocalInputError(error.message) : error
  })

/** A check that is given up is a fault of the schema, so of the answer's. */
const faultOf = (checked: Promise<OutputFault | undefined>): Promise<OutputFault | undefined> =>
  checked.catch((error: unknown) => {
    if (error instanceof InvalidOutputError) return { pointer: '', message: `could not be checked: ${error.message}` }
    throw error
  })

/** What a run of that kind takes and gives. Throws LocalInputError. */
function sideOf(manifest: Manifest, kind: JobKind) {
  if (kind === 'prediction') return manifest
  if (manifest.training !== null) return manifest.training
  throw new LocalInputError(`${manifest.name} cannot be trained: it has no training`)
}

/** Puts the files where a worker would. */
async function placeFiles(files: LocalFile[], folder: string): Promise<RunRequest['files']> {
  if (files.length > 0) await mkdir(join(folder, 'in'))
  const placed: RunRequest['files'] = []
  for (const [index, { pointer, source, name, contentType }] of files.entries()) {
    const path = join('in', `${index}-${safeFileName(name, 'file', 100)}`)
    if (!(source instanceof Uint8Array)) await copyFile(source.path, join(folder, path), constants.COPYFILE_FICLONE)
    else await writeFile(join(folder, path), source)
    const bytes = await readFile(join(folder, path))
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    placed.push({ pointer, path, name, content_type: contentType, size: bytes.length, sha256 })
  }
  return placed
}
