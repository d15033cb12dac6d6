/** Tells `afterEnd` of the end of a job, in bounded time. Called by the dispatcher of the worker, which repeats what failed. */
import { startDeadline } from '@millrace/async'
import type { EndedJob, Hooks } from './define-hooks.ts'
import { HookError } from './hook-error.ts'

/** How long one call may take. Milliseconds. */
const WITHIN_MS = 10_000

export class EndHook {
  readonly #hook: NonNullable<Hooks['afterEnd']>
  readonly #withinMs: number

  constructor(hook: NonNullable<Hooks['afterEnd']>, withinMs = WITHIN_MS) {
    this.#hook = hook
    this.#withinMs = withinMs
  }

  /** Rejects with HookError when it threw or took too long, and with the reason of the signal. */
  async tell(job: EndedJob, ending: { id: string; attempt: number }, signal: AbortSignal): Promise<void> {
    const reason = () => new HookError(`afterEnd took longer than ${this.#withinMs} ms`)
    const deadline = startDeadline(this.#withinMs, { signal, reason })
    const ended = new Promise<never>((_, reject) => {
      deadline.signal.addEventListener('abort', () => reject(deadline.signal.reason as Error), { once: true })
    })
    try {
      deadline.signal.throwIfAborted()
      await Promise.race([this.#call(job, { ...ending, signal: deadline.signal }), ended])
    } finally {
      deadline.end()
    }
  }

  async #call(...told: Parameters<NonNullable<Hooks['afterEnd']>>): Promise<void> {
    try {
      await this.#hook(...told)
    } catch (error) {
      throw new HookError('afterEnd threw', { cause: error })
    }
  }
}
