/** A bench for attempts: real folders, gate and slots; a runner and a job store that do as they are told. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  blobKey,
  type InputFile,
  type JobEvent,
  type JobRecord,
  type Manifest,
  type Progress,
} from '@millrace/contracts'
import type {
  AttemptStore,
  Failure,
  Hold,
  JobFound,
  KeptOutput,
  NewCheckpoint,
  Phases,
  SettleResult,
  Success,
  Taken,
  UpkeepReader,
} from '@millrace/queue'
import { FolderStore, type ObjectStore } from '@millrace/storage'
import { createAddressGuard, createGuardedFetcher, type FetchLimits } from '@millrace/webhooks'
import { onTestFinished } from 'vitest'
import { createFaultLog } from '../fault-log.ts'
import { runAttempt } from './run-attempt.ts'
import { Gate } from '../places/gate.ts'
import { createInFlight } from '../places/in-flight.ts'
import { compileOutputCheck, type HeldRun, type Runner, type RunOutcome, type RunRequest } from '@millrace/host'
import { DrainSwitch } from '../places/drain-switch.ts'
import { SlotPool } from '../places/slot-pool.ts'
import { InputCache, type InputCacheOptions } from './inputs/input-cache.ts'
import { openWorkFolders } from './work-folders.ts'
import { aRecord as recordOfJob } from '../../../../test/support/a-record.ts'
import { ATTEMPT_PACE, type AttemptDeps, type AttemptPace } from './attempt-deps.ts'

export const JOB_ID = `job_${'a'.repeat(34)}`
const TIME = '2030-01-01T00:00:00.000Z'

export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** The record of a job that this worker runs. */
export const aRecord = (change: Partial<JobRecord> = {}): JobRecord =>
  recordOfJob(
    { id: JOB_ID, tenant: 'acme', version: '1', input: { value: { inline: '{"word":"hello"}' }, files: [] } },
    { status: 'running', fence: 1, worker: 'w_1', revision: 2, started_at: TIME, ...change },
  )

const manifest: Manifest = {
  name: 'echo',
  version: '1',
  description: '',
  input_schema: {},
  output_schema: {
    type: 'object',
    properties: { word: { type: 'string' }, copy: { format: 'file', contentMediaType: 'text/*' } },
  },
  training: {
    input_schema: {},
    output_schema: { type: 'object', required: ['weights'], properties: { weights: { format: 'file' } } },
    timeout_seconds: 60,
  },
  streams: false,
  batch: null,
  concurrency: 1,
  timeout_seconds: 60,
  max_attempts: 1,
  cancel_grace_seconds: 1,
}

/** How an attempt ended, as the store was told. */
export type Told =
  | { as: 'succeed'; success: Success }
  | ({ as: 'fail' } & Omit<Failure, 'runSeconds'>)
  | { as: 'stop'; partial?: KeptOutput }
  | { as: 'release'; delayMs?: number }

/** Each fault is injected by replacing a field. */
export class ScriptedStore implements AttemptStore, UpkeepReader {
  /** What `attempt` is given, one after the other; aRecord() when there is none left. */
  given: JobRecord[] = []
  told: Told[] = []
  /** What came with each end. */
  phases: (Phases | undefined)[] = []
  events: JobEvent[] = []
  beats: (Progress | undefined)[] = []
  resolved: InputFile[][] = []
  resolveAnswer = true
  /** Kept ones. */
  checkpoints: NewCheckpoint[] = []
  checkpointAnswer: (isSpared: boolean, checkpoint: NewCheckpoint) => 'kept' | 'fenced' | 'crowded' = () => 'kept'
  beatAnswer: 'ok' | 'cancel' | 'lost' = 'ok'
  settleAnswer: SettleResult = { outcome: 'done', status: 'succeeded' }
  record: JobRecord | undefined = aRecord()
  /** Called before each call; throw to inject a fault. */
  fault: (method: string) => void = () => undefined

  take(): Promise<Taken> {
    throw new Error('an attempt takes nothing')
  }
  async beat(_hold: Hold, progress?: Progress) {
    this.fault('beat')
    this.beats.push(progress)
    return this.beatAnswer
  }
  async append(_hold: Hold, events: JobEvent[]) {
    this.fault('append')
    this.events.push(...events)
  }
  async resolveInputs(_hold: Hold, files: InputFile[]) {
    this.fault('resolveInputs')
    this.resolved.push(files)
    return this.resolveAnswer
  }
  async keepCheckpoint(_hold: Hold, checkpoint: NewCheckpoint, isSpared = false) {
    this.fault('keepCheckpoint')
    const answer = this.checkpointAnswer(isSpared, checkpoint)
    if (answer === 'kept') this.checkpoints.push(checkpoint)
    return answer
  }
  async get(): Promise<JobFound> {
    this.fault('get')
    return this.record ? { outcome: 'found', record: this.record } : { outcome: 'missing' }
  }
  succeed = (_hold: Hold, success: Success, phases?: Phases) => this.#settle({ as: 'succeed', success }, phases)
  fail = (_hold: Hold, { blame, error, partial }: Failure, phases?: Phases) =>
    this.#settle({ as: 'fail', blame, error, ...(partial && { partial }) }, phases)
  stop = (_hold: Hold, partial?: KeptOutput, _usedSeconds?: number, phases?: Phases) =>
    this.#settle({ as: 'stop', ...(partial && { partial }) }, phases)
  release = (_hold: Hold, _begun: boolean, delayMs?: number, _usedSeconds?: number, phases?: Phases) =>
    this.#settle({ as: 'release', ...(delayMs && { delayMs }) }, phases)

  async #settle(told: Told, phases: Phases | undefined): Promise<SettleResult> {
    this.fault(told.as)
    this.told.push(told)
    this.phases.push(phases)
    return this.settleAnswer
  }
}

interface HeldRequest {
  /** The runner begins it. */
  begin(): void
  /** It is taken back. */
  giveBack(): void
}

/** Answers each run as the script says; `running` counts those under way. */
export class ScriptedRunner implements Runner {
  ready = true
  running = 0
  mostRunning = 0
  script: (request: RunRequest) => Promise<RunOutcome>

  constructor(script: (request: RunRequest) => Promise<RunOutcome>) {
    this.script = script
  }
  start = async () => manifest
  whenReady = async () => undefined
  stop = async () => undefined
  /** Set it to let it hold one run. */
  canHold = false
  isHolding = false
  /** The run that it held last. */
  held: HeldRequest | undefined
  hold(request: RunRequest): HeldRun {
    this.canHold = false
    this.isHolding = true
    let settle = (_outcome: RunOutcome | Promise<RunOutcome>): void => undefined
    const outcome = new Promise<RunOutcome>((resolve) => (settle = resolve))
    const letGo = (become: () => RunOutcome | Promise<RunOutcome>): boolean => {
      const { isHolding } = this
      this.isHolding = false
      if (isHolding) settle(become())
      return isHolding
    }
    const back = (): RunOutcome =>
      request.signal.aborted ? { kind: 'canceled', killed: false, runSeconds: 0 } : { kind: 'displaced', runSeconds: 0 }
    const recall = () => letGo(back)
    request.signal.addEventListener('abort', recall)
    this.held = { begin: () => letGo(() => this.run(request)), giveBack: recall }
    return { outcome, recall }
  }
  async run(request: RunRequest): Promise<RunOutcome> {
    request.onBegin?.()
    this.mostRunning = Math.max(this.mostRunning, ++this.running)
    try {
      return await this.script(request)
    } finally {
      this.running--
    }
  }
}

export const done = (output: unknown, files: Extract<RunOutcome, { kind: 'done' }>['files'] = []): RunOutcome => ({
  kind: 'done',
  output,
  files,
  runSeconds: 0.1,
})

/** Resolves as `canceled` once the run is asked to stop. */
export const untilAborted = (request: RunRequest) =>
  new Promise<RunOutcome>((resolve) => {
    const stop = () => resolve({ kind: 'canceled', killed: false, runSeconds: 0.1 })
    if (request.signal.aborted) stop()
    else request.signal.addEventListener('abort', stop)
  })

/** Keeps whatever was written. */
const keptFiles: AttemptDeps['links']['files'] = {
  keep: async (tenant, _job, { object, ...blob }) => ({
    outcome: 'kept',
    blob: { key: blobKey(tenant, object), ...blob },
  }),
  deleted: async () => undefined,
}

export interface BenchOptions {
  script?: (request: RunRequest) => Promise<RunOutcome>
  pace?: Partial<AttemptPace>
  wrapObjects?: (objects: ObjectStore) => ObjectStore
  /** Runs that the runner takes at a time. Default 1. */
  concurrency?: number
  fetchLimits?: Partial<FetchLimits>
  sharing?: InputCacheOptions
}

export async function openBench({
  script,
  pace,
  concurrency,
  fetchLimits,
  sharing,
  wrapObjects = (objects) => objects,
}: BenchOptions = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'millrace-attempt-'))
  const objects = wrapObjects(await FolderStore.open(join(dataDir, 'objects')))
  const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  const work = await openWorkFolders({ dataDir, memoryDir: join(dataDir, 'no-memory'), logger })
  const store = new ScriptedStore()
  const runner = new ScriptedRunner(script ?? (async ({ input }) => done(input)))
  const slots = new SlotPool(() => undefined)
  slots.add('cpu', runner, concurrency)
  const fetcher = createGuardedFetcher({
    guard: createAddressGuard({ allowHosts: ['127.0.0.1'] }),
    limits: { maxBytes: 1_000_000, headersMs: 2000, bodyMs: 2000, ...fetchLimits },
  })
  const drain = new AbortController()
  const halt = new AbortController()
  const leaving = new DrainSwitch()
  const cancels = new Map<string, () => void>()
  const deps: AttemptDeps = {
    workerId: 'w_1',
    manifest,
    outputChecks: {
      prediction: compileOutputCheck(manifest.output_schema),
      training: compileOutputCheck(manifest.training?.output_schema ?? {}),
    },
    store,
    records: store,
    objects,
    inputCache: new InputCache(sharing),
    links: { fetcher, maxImagePixels: 100_000_000, files: keptFiles },
    gate: new Gate(),
    slots,
    work,
    cancels: hintsOf(cancels),
    shutdown: { drain: drain.signal, halt: halt.signal },
    leaving,
    logger,
    logFault: createFaultLog(logger),
    inFlight: createInFlight(1),
    pace: { ...ATTEMPT_PACE, retryMs: 5, drainWaitMs: 50, ...pace },
  }
  onTestFinished(async () => {
    await fetcher.close()
    await objects.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  /** Runs the next job that is given; see Became. */
  const attempt = (makeRoom: () => void = () => undefined) => runOne(deps, store.given.shift() ?? aRecord(), makeRoom)
  return { deps, attempt, store, runner, slots, objects, drain, halt, leaving, cancels, workDir: join(dataDir, 'work') }
}

const hintsOf = (cancels: Map<string, () => void>): AttemptDeps['cancels'] => ({
  watch(id, listener) {
    cancels.set(id, listener)
    return () => void cancels.delete(id)
  },
})

/** What became of a job; `untold`: Redis could not be told. */
type Became = 'over' | 'back' | 'untold'

async function runOne(deps: AttemptDeps, record: JobRecord, makeRoom: () => void): Promise<Became> {
  let became: Became = 'untold'
  const onAttempt: AttemptDeps['onAttempt'] = ({ again }) => (became = again ? 'back' : 'over')
  await runAttempt({ ...deps, onAttempt }, record, makeRoom)
  return became
}

export async function keysBelow(objects: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const key of objects.list(prefix)) keys.push(key)
  return keys.sort()
}
