/** What `createClient` gives. Every call may reject with ApiError, ConnectionError, or the reason of its signal. */
import type { FileView, Job, JobRequest, JobStatus } from '@millrace/contracts'
import type { InputOf, OutputOf, SucceededJob, TypedModel, UntypedModel } from './model-types.ts'
import type { ModelView } from './model-view.ts'

export interface ClientOptions {
  /** Of the server, such as http://127.0.0.1:7070; a path in front of /v1 is kept. */
  url: string
  apiKey?: string
  /** Default: the global one. */
  fetch?: typeof fetch
  /** Times a request is sent again when the server is away or asks to come back later. Default 8: about 25 s. */
  retries?: number
}

export interface CallOptions {
  /** Ends the call, not the job. */
  signal?: AbortSignal
  /** For this call, instead of the client's. */
  retries?: number
}

/** Fields of the API's body but the input, as docs of the API name them; and the idempotency key. */
export type SubmitOptions = CallOptions &
  Partial<Omit<JobRequest, 'input'>> & {
    /** Same key, same job, for 24 hours. Default: a random one per submit, so a submit that is sent again makes one job. */
    idempotencyKey?: string
  }

export interface WaitOptions extends CallOptions {
  /** Seconds until WaitTimeoutError. Default: none. */
  waitSeconds?: number
}

export interface ListOptions extends CallOptions {
  model?: string
  status?: JobStatus
  /** Jobs in all. Default: every one that is kept. */
  limit?: number
}

interface Submit {
  <Model extends TypedModel>(model: Model, input: InputOf<Model>, options?: SubmitOptions): Promise<Job>
  <Model extends TypedModel = UntypedModel>(model: string, input: InputOf<Model>, options?: SubmitOptions): Promise<Job>
}

interface Run {
  <Model extends TypedModel>(model: Model, input: InputOf<Model>, options?: RunOptions): Finished<Model>
  <Model extends TypedModel = UntypedModel>(model: string, input: InputOf<Model>, options?: RunOptions): Finished<Model>
}

export type RunOptions = SubmitOptions & WaitOptions
type Finished<Model extends TypedModel> = Promise<SucceededJob<OutputOf<Model>>>

export interface Client {
  /** Without a final slash. */
  readonly url: string
  /**
   * Hands in a job; once it resolves, the job is kept. Files in the input (see `Uploadable`) are sent as parts of a
   * multipart body. `model` is a name, or what `defineModel` gave: then input and output have its types. Where only the
   * type is at hand: `submit<typeof ocr>('ocr', …)`.
   */
  submit: Submit
  /** Submits and waits. Rejects with JobFailedError when the job fails or is canceled, with WaitTimeoutError in time. */
  run: Run
  get(id: string, options?: CallOptions): Promise<Job>
  /** Resolves with the job once it has ended, however it did. A server that restarts meanwhile is waited for. */
  wait(id: string, options?: WaitOptions): Promise<Job>
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
  models(options?: CallOptions): Promise<ModelView[]>
  model(name: string, options?: CallOptions): Promise<ModelView>
  /** The bytes of a file of a job, as they come. Breaks with an error when the connection does. */
  download(file: FileView | string, options?: CallOptions): Promise<ReadableStream<Uint8Array>>
}
