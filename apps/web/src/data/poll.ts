/**
 * Asks for the same thing again and again, while the page is seen: at once, then at its pace, slower after each fault. An answer that
 * has not changed costs no body. Used by screens through use-poll.ts.
 */
import { type ReadonlySignal, signal } from '@preact/signals'
import { ask, CallError, readJson } from './call.ts'
import { serverNow } from './clock.ts'

/** No pause is longer, however often it failed. Milliseconds. */
const LONGEST_MS = 60_000

export interface Polled<Answer> {
  /** The newest answer; undefined until there is one. It stays while later questions fail. */
  readonly data: ReadonlySignal<Answer | undefined>
  /** Why the newest question failed; undefined when it did not. */
  readonly fault: ReadonlySignal<CallError | undefined>
  /** When the newest answer came, by the clock of the server. */
  readonly at: ReadonlySignal<number>
  /** Asks now, such as after a change. */
  refresh(): void
}

export class Poll<Answer> implements Polled<Answer> {
  readonly data = signal<Answer | undefined>(undefined)
  readonly fault = signal<CallError | undefined>(undefined)
  readonly at = signal(0)
  readonly #path: string
  readonly #everyMs: number
  readonly #read: (answer: Response) => Promise<Answer>
  #tag: string | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #asking: AbortController | undefined
  #dueAt = 0
  #failures = 0

  /** `read`: what is made of an answer. Default: its JSON. */
  constructor(path: string, everyMs: number, read: (answer: Response) => Promise<Answer> = readJson) {
    this.#path = path
    this.#everyMs = everyMs
    this.#read = read
  }

  start(): void {
    document.addEventListener('visibilitychange', this.#onVisibility)
    this.refresh()
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility)
    clearTimeout(this.#timer)
    this.#asking?.abort()
  }

  refresh(): void {
    clearTimeout(this.#timer)
    this.#asking?.abort()
    void this.#ask()
  }

  readonly #onVisibility = (): void => {
    clearTimeout(this.#timer)
    if (document.visibilityState === 'visible') this.#wait(Math.max(0, this.#dueAt - Date.now()))
  }

  async #ask(): Promise<void> {
    const asking = new AbortController()
    this.#asking = asking
    try {
      const headers: Record<string, string> = this.#tag === undefined ? {} : { 'if-none-match': this.#tag }
      const answer = await ask(this.#path, { headers, signal: asking.signal })
      const found = answer.status === 304 ? undefined : await this.#read(answer)
      if (asking.signal.aborted) return
      this.#tag = answer.headers.get('etag') ?? undefined
      if (found !== undefined) this.data.value = found
      this.at.value = serverNow()
      this.fault.value = undefined
      this.#failures = 0
    } catch (error) {
      if (asking.signal.aborted || !(error instanceof CallError)) return
      this.fault.value = error
      this.#failures += 1
    }
    const slower = this.#everyMs * 2 ** this.#failures
    this.#wait(
      Math.max((this.fault.value?.retryAfter ?? 0) * 1000, Math.min(slower, Math.max(LONGEST_MS, this.#everyMs))),
    )
  }

  #wait(ms: number): void {
    this.#dueAt = Date.now() + ms
    if (document.visibilityState === 'hidden') return
    this.#timer = setTimeout(() => void this.#ask(), ms)
  }
}
