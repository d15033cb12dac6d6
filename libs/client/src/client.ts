/** What `createClient` gives. Every call may reject with ApiError, ConnectionError, or the reason of its signal. */
import type { FileView, Job, StreamedEvent } from '@millrace/contracts'
import type { CallOptions, EventsOptions, ListOptions, RunOptions, SubmitOptions, WaitOptions } from './call-options.ts'
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
import type { ModelView } from './models/model-view.ts'
import type { WebhookCalls } from './webhooks/webhook-calls.ts'

export interface ClientOptions {
  /** Of the server, such as http://127.0.0.1:7070; a path in front of /v1 is kept. */
  url: string
  apiKey?: string
  /** Default: the global one. */
  fetch?: typeof fetch
  /** Times a request is sent again when the server is away or asks to come back later. Default 8: about 25 s. */
  retries?: number
  /** Longest silence within an output or a download, before which the connection counts as broken. Default 60. Seconds. */
  silenceSeconds?: number
}

type ForTraining<Options> = Omit<Options, 'kind'> & { kind: 'training' }
type ForPrediction<Options> = Omit<Options, 'kind'> & { kind?: 'prediction' }

interface Submit {
  <Model extends TypedModel>(model: Model, input: InputOf<Model>, options?: ForPrediction<SubmitOptions>): Promise<Job>
  <Model extends TypedModel = UntypedModel>(
    model: string,
    input: InputOf<Model>,
    options?: ForPrediction<SubmitOptions>,
  ): Promise<Job>
  <Model extends TypedModel>(
    model: Model,
    input: TrainingInputOf<Model>,
    options: ForTraining<SubmitOptions>,
  ): Promise<Job>
  <Model extends TypedModel = UntypedModel>(
    model: string,
    input: TrainingInputOf<Model>,
    options: ForTraining<SubmitOptions>,
  ): Promise<Job>
  (model: string, input: InputOf<UntypedModel>, options?: SubmitOptions): Promise<Job>
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

export interface Client {
  /** Without a final slash. */
  readonly url: string
  /**
   * Hands in a job; once it resolves, the job is kept. Files in the input (see `Uploadable`) are sent as parts of a
   * multipart body. `model` is a name, or what `defineModel` gave: then input and output have its types. Where only the
   * type is at hand: `submit<typeof ocr>('ocr', …)`. With `kind: 'training'` the input is that of the model's training.
   */
  submit: Submit
  /** Submits and waits. Rejects with JobFailedError when the job fails or is canceled, with WaitTimeoutError in time. */
  run: Run
  get(id: string, options?: CallOptions): Promise<Job>
  /** Resolves with the job once it has ended, however it did. A server that restarts meanwhile is waited for. */
  wait(id: string, options?: WaitOptions): Promise<Job>
  /**
   * Everything that happens to a job, each event once, from the first that is kept to `done`, which has the job. Connects
   * again by itself. Where the server refuses a stream it rejects with the ApiError; `watch` would go on by polling.
   */
  events(id: string, options?: EventsOptions): AsyncIterable<StreamedEvent>
  /** The job now and after each change of its status, progress or place in the line; ends with the job. */
  watch(id: string, options?: CallOptions): AsyncIterable<Job>
  /** The output whole, which the job itself shows up to 32 KB. */
  output(id: string, options?: CallOptions): Promise<unknown>
  /** A job that waits is canceled at once; one that runs is told to stop, so wait for its end. */
  cancel(id: string, options?: CallOptions): Promise<Job>
  /** Runs a failed job again, under its id. */
  retry(id: string, options?: CallOptions): Promise<Job>
  /** Newest first, read page by page as the loop goes on. */
  list(options?: ListOptions): AsyncIterable<Job>
  /** Erases a job that does not run, with its files. */
  remove(id: string, options?: CallOptions): Promise<void>
  /** Endpoints that are told of all jobs, and what was sent. */
  readonly webhooks: WebhookCalls
  models(options?: CallOptions): Promise<ModelView[]>
  model(name: string, options?: CallOptions): Promise<ModelView>
  readonly files: FileCalls
  /** The bytes of a file of a job, as they come. The stream fails with ConnectionError when the connection breaks. */
  download(file: FileView | string, options?: CallOptions): Promise<ReadableStream<Uint8Array>>
}
