/**
 * Signed addresses of files, outputs and event streams: whoever holds one may read that file or output, or follow that job,
 * until it expires, without a key.
 * Expiry is rounded up to the hour, so that the addresses in a job stay the same for a while and caches can work.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

const HOUR = 3600
/** Shortest life of a fresh address of a file. Seconds. */
const LIFE = 24 * HOUR
/** Shortest life of a fresh address of an event stream, which is meant to be opened now. Seconds. */
const EVENTS_LIFE = HOUR

/** Life of an address that an announced upload is sent to: it begins now. Seconds. */
const UPLOAD_LIFE = 900

export interface SignedAddress {
  /** Path and query, without host. */
  path: string
  expiresAt: Date
}

export class FileSigner {
  readonly #secret: () => Promise<string>
  readonly #signsEvents: boolean
  #known: string | undefined

  /** `signsEvents`: addresses of event streams are signed too, for readers without a key. Default false. */
  constructor(secret: string | (() => Promise<string>), { signsEvents = false } = {}) {
    this.#secret = async () => (typeof secret === 'string' ? secret : secret())
    this.#signsEvents = signsEvents
  }

  /** When an address signed now expires. Unix seconds. */
  static expiry(now = Date.now()): number {
    return Math.ceil((now / 1000 + LIFE) / HOUR) * HOUR
  }

  /** When an address of events made now expires; undefined when it is not signed. Unix seconds. */
  eventsExpiry(now = Date.now()): number | undefined {
    return this.#signsEvents ? Math.ceil((now / 1000 + EVENTS_LIFE) / HOUR) * HOUR : undefined
  }

  /** Where a job's events are: path, and query where it is signed. */
  eventsPath(jobId: string, expires = this.eventsExpiry()): string | Promise<string> {
    const path = `/v1/jobs/${jobId}/events`
    return expires === undefined ? path : this.#signedEventsPath(path, jobId, expires)
  }

  async #signedEventsPath(path: string, jobId: string, expires: number): Promise<string> {
    return `${path}?expires=${expires}&signature=${(await this.#mac('events', jobId, expires)).toString('base64url')}`
  }

  async sign(fileId: string, expires = FileSigner.expiry()): Promise<SignedAddress> {
    const signature = (await this.#mac('file', fileId, expires)).toString('base64url')
    return {
      path: `/v1/files/${fileId}/content?expires=${expires}&signature=${signature}`,
      expiresAt: new Date(expires * 1000),
    }
  }

  /** Where the output of a job can be read, of any size: path and query. */
  async outputPath(jobId: string, expires = FileSigner.expiry()): Promise<string> {
    const signature = (await this.#mac('output', jobId, expires)).toString('base64url')
    return `/v1/jobs/${jobId}/output?expires=${expires}&signature=${signature}`
  }

  /** Where the bytes of an announced upload are sent: path and query. */
  async uploadPath(fileId: string, now = Date.now()): Promise<string> {
    const expires = Math.ceil(now / 1000) + UPLOAD_LIFE
    const signature = (await this.#mac('upload', fileId, expires)).toString('base64url')
    return `/v1/files/${fileId}/content?expires=${expires}&signature=${signature}`
  }

  /** Whether that address is ours and has not expired. */
  verifyUpload(fileId: string, expires: string, signature: string, now = Date.now()): Promise<boolean> {
    return this.#verify('upload', fileId, expires, signature, now)
  }

  /** Whether the address of the file is ours and has not expired. */
  verify(fileId: string, expires: string, signature: string, now = Date.now()): Promise<boolean> {
    return this.#verify('file', fileId, expires, signature, now)
  }

  /** Whether the address of the job's events is ours and has not expired. */
  verifyEvents(jobId: string, expires: string, signature: string, now = Date.now()): Promise<boolean> {
    return this.#verify('events', jobId, expires, signature, now)
  }

  /** Whether the address of the job's output is ours and has not expired. */
  verifyOutput(jobId: string, expires: string, signature: string, now = Date.now()): Promise<boolean> {
    return this.#verify('output', jobId, expires, signature, now)
  }

  async #verify(what: string, id: string, expires: string, signature: string, now: number): Promise<boolean> {
    if (!/^\d{1,12}$/.test(expires)) return false
    const expected = await this.#mac(what, id, Number(expires))
    const given = Buffer.from(signature, 'base64url')
    return given.length === expected.length && timingSafeEqual(given, expected) && Number(expires) * 1000 > now
  }

  async #mac(what: string, id: string, expires: number): Promise<Buffer> {
    this.#known ??= await this.#secret()
    // An empty secret would let anyone sign.
    if (this.#known === '') throw new Error('the secret that signs file addresses is empty')
    return createHmac('sha256', this.#known).update(`${what}\n${id}\n${expires}`).digest()
  }
}
