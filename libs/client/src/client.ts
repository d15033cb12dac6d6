/**
 * The interface of the client that `createClient` makes. Every call may reject with ApiError, ConnectionError, or the
 * reason of its signal.
 */
import type { Cancellation, CancellationRequest, DryRun, FileView, Job, StreamedEvent } from '@millrace/contracts'
import type {
  CallOptions,
  EventsOptions,
  RetryOptions,
  RunOptions,
  SubmitOptions,
  WaitOptions,
} from './call-options.ts'
import type { FileCalls } from './files/file-calls.ts'
import type {
  InputOf,
  OutputOf,
  SucceededJob,
  TrainingInputOf,
  TrainingOutputOf,
  TypedModel,
  UntypedModel,
} from './models/model-types.ts'
import type { AuditCalls } from './audit/audit-calls.ts'
import type { ErasureCalls } from './erasures/erasure-calls.ts'
import type { KeyCalls } from './keys/key-calls.ts'
import type { SearchCalls } from './jobs/search-calls.ts'
import type { SessionCalls } from './keys/session-calls.ts'
import type { BatchCalls } from './jobs/batch-calls.ts'
import type { JobActionCalls } from './jobs/job-action-calls.ts'
import type { ModelCalls } from './models/model-calls.ts'
import type { VersionCalls } from './models/version-calls.ts'
import type { TenantCalls } from './tenants/tenant-calls.ts'
import type { UsageCalls } from './usage/usage-calls.ts'
import type { WebhookCalls } from './webhooks/webhook-calls.ts'
import type { WorkerCalls } from './workers/worker-calls.ts'

export interface ClientOptions {
  /** Address of the server, such as http://127.0.0.1:7070. A path before /v1 is kept. */
  url: string
  /** Sent with every request. Default: no key. */
  apiKey?: string
  /** Default: the global `fetch`. */
  fetch?: typeof fetch
  /**
   * How often a request is repeated when the server cannot be reached or asks to try later. Default 8, which takes
   * about 25 s.
   */
  retries?: number
  /**
   * Seconds without a byte, within an output or a download, after which the connection counts as broken. Default 60.
   */
  silenceSeconds?: number
}

type ForTraining<Options> = Omit<Options, 'kind'> & { kind: 'training' }
type ForPrediction<Options> = Omit<Options, 'kind'> & { kind?: 'prediction' }

/** A submit, or a trial of one. */
interface Submit<Answer> {
  <Model extends TypedModel>(
    model: Model,
    input: InputOf<Model>,
    options?: ForPrediction<SubmitOptions>,
  ): Promise<Answer>
  <Model extends TypedModel = UntypedModel>(
    model: string,
    input: InputOf<Model>,
    options?: ForPrediction<SubmitOptions>,
  ): Promise<Answer>
  <Model extends TypedModel>(
    model: Model,
    input: TrainingInputOf<Model>,
    options: ForTraining<SubmitOptions>,
  ): Promise<Answer>
  <Model extends TypedModel = UntypedModel>(
    model: string,
    input: TrainingInputOf<Model>,
    options: ForTraining<SubmitOptions>,
  ): Promise<Answer>
  (model: string, input: InputOf<UntypedModel>, options?: SubmitOptions): Promise<Answer>
}

interface Run {
  <Model extends TypedModel>(model: Model, input: InputOf<Model>, options?: ForPrediction<RunOptions>): Finished<Model>
  <Model extends TypedModel = UntypedModel>(
    model: string,
    input: InputOf<Model>,
    options?: ForPrediction<RunOptions>,
  ): Finished<Model>
  <Model extends TypedModel>(
    model: Model,
    input: TrainingInputOf<Model>,
    options: ForTraining<RunOptions>,
  ): Trained<Model>
  <Model extends TypedModel = UntypedModel>(
    model: string,
    input: TrainingInputOf<Model>,
    options: ForTraining<RunOptions>,
  ): Trained<Model>
  (model: string, input: InputOf<UntypedModel>, options?: RunOptions): Finished<UntypedModel>
}

type Finished<Model extends TypedModel> = Promise<SucceededJob<OutputOf<Model>>>
type Trained<Model extends TypedModel> = Promise<SucceededJob<TrainingOutputOf<Model>>>

export interface Client extends ModelCalls, SearchCalls, SessionCalls {
  /** Address of the server, without a slash at the end. */
  readonly url: string
  /**
   * Submits a job. When it resolves, the server keeps the job. Files in the input (see `Uploadable`) are sent as parts
   * of a multipart body. `model` is a name, or what `defineModel` gave: then input and output have its types. If you
   * have only the type, write `submit<typeof ocr>('ocr', …)`. With `kind: 'training'` the input is the one of the
   * model's training.
   */
  submit: Submit<Job>
  /**
   * Checks a submit, and says where its job would wait and when it would start. Nothing is kept, though the files of the input are
   * sent. Rejects with what the submit would be refused with.
   */
  dryRun: Submit<DryRun>
  /**
   * Submits and waits. Rejects with JobFailedError when the job fails or is canceled, and with WaitTimeoutError after
   * `waitSeconds`.
   */
  run: Run
  /** The job as it is now. */
  get(id: string, options?: CallOptions): Promise<Job>
  /** Resolves with the job when it has ended, in whatever way. Waits for a server that restarts meanwhile. */
  wait(id: string, options?: WaitOptions): Promise<Job>
  /**
   * All events of a job, each once, from the first that is kept to `done`, which carries the job. Reconnects by itself.
   * Rejects with ApiError when the server refuses a stream; `watch` would poll then.
   */
  events(id: string, options?: EventsOptions): AsyncIterable<StreamedEvent>
  /** The job now, and again after each change of its status, progress or place in the line. Ends with the job. */
  watch(id: string, options?: CallOptions): AsyncIterable<Job>
  /** The complete output. The job itself shows an output only up to 32 KB. */
  output(id: string, options?: CallOptions): Promise<unknown>
  /** Cancels a waiting job at once. A running job is asked to stop: wait for its end. */
  cancel(id: string, options?: CallOptions): Promise<Job>
  /** Runs a failed job again, under the same id; or, with a version, its input as a new job. */
  retry(id: string, options?: RetryOptions): Promise<Job>
  /** Purges a job that does not run: the job, its events and its files. */
  remove(id: string, options?: CallOptions): Promise<void>
  /** Many jobs as one thing. */
  readonly batches: BatchCalls
  /** Calls about webhook endpoints and deliveries. */
  readonly webhooks: WebhookCalls
  /** Calls about keys of the API, for administrators. */
  readonly keys: KeyCalls
  /** Calls about limits of tenants: one's own, and for administrators those of all. */
  readonly tenants: TenantCalls
  /** Who did what, for administrators. */
  readonly audit: AuditCalls
  /** Erasing what a tenant has, for administrators. */
  readonly erasures: ErasureCalls
  /** Calls about what was used. */
  readonly usage: UsageCalls
  /**
   * Cancels all jobs that match and were submitted by now. It goes on in the server: read it again with `cancellation`. The request
   * is sent once, for a second one would find what has come since.
   */
  cancelAll(filter: CancellationRequest, options?: CallOptions): Promise<Cancellation>
  cancellation(id: string, options?: CallOptions): Promise<Cancellation>
  /** Canceling, retrying or purging all jobs that match, after they were counted. */
  readonly jobActions: JobActionCalls
  /** The processes that run jobs. */
  readonly workers: WorkerCalls
  /** Calls about the versions of a model, and which of them takes jobs. */
  readonly versions: VersionCalls
  readonly files: FileCalls
  /** The bytes of a job's file, as a stream. The stream fails with ConnectionError when the connection breaks. */
  download(file: FileView | string, options?: CallOptions): Promise<ReadableStream<Uint8Array>>
}
