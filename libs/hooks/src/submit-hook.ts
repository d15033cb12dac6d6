/** Asks `beforeSubmit` in bounded time, and reads its answer. Called by the API for each submit. */
import { startDeadline } from '@millrace/async'
import { z } from 'zod'
import type { Hooks, Submission } from './define-hooks.ts'
import { HookError } from './hook-error.ts'

export const SUBMIT_HOOK_LIMITS = {
  /** How long one call may take. Milliseconds. */
  withinMs: 500,
  /** Calls that may be under way, those whose time is over among them: what hangs for ever must not fill the memory. */
  atOnce: 1000,
  /** Characters of a reason. */
  reasonChars: 500,
}

/** What the hook wants. `input` is JSON text. */
export type Verdict = { outcome: 'taken'; input?: string; metadata?: unknown } | { outcome: 'refused'; reason: string }

const answerSchema = z.union([
  z.null(),
  z.undefined(),
  z.strictObject({ refuse: z.string() }),
  z.strictObject({ input: z.record(z.string(), z.unknown()).optional(), metadata: z.unknown().optional() }),
])

export class SubmitHook {
  readonly #hook: NonNullable<Hooks['beforeSubmit']>
  readonly #limits: typeof SUBMIT_HOOK_LIMITS
  #open = 0

  constructor(hook: NonNullable<Hooks['beforeSubmit']>, limits: Partial<typeof SUBMIT_HOOK_LIMITS> = {}) {
    this.#hook = hook
    this.#limits = { ...SUBMIT_HOOK_LIMITS, ...limits }
  }

  /** Rejects with HookError. The submission must be the hook's own copy. */
  async ask(submission: Omit<Submission, 'signal'>): Promise<Verdict> {
    const { withinMs, atOnce } = this.#limits
    if (this.#open >= atOnce) throw new HookError(`${atOnce} calls of beforeSubmit have not ended`)
    const deadline = startDeadline(withinMs)
    const late = new Promise<never>((_, reject) => {
      const onLate = () => reject(new HookError(`beforeSubmit took longer than ${withinMs} ms`))
      deadline.signal.addEventListener('abort', onLate, { once: true })
    })
    try {
      return this.#read(await Promise.race([this.#call({ ...submission, signal: deadline.signal }), late]))
    } finally {
      deadline.end()
    }
  }

  async #call(submission: Submission): Promise<unknown> {
    this.#open += 1
    try {
      return await this.#hook(submission)
    } catch (error) {
      throw new HookError('beforeSubmit threw', { cause: error })
    } finally {
      this.#open -= 1
    }
  }

  #read(given: unknown): Verdict {
    const answer = answerSchema.safeParse(given)
    if (!answer.success) {
      throw new HookError('beforeSubmit returned something other than nothing, { refuse } or { input, metadata }')
    }
    const { data } = answer
    if (!data) return { outcome: 'taken' }
    if ('refuse' in data) return { outcome: 'refused', reason: data.refuse.slice(0, this.#limits.reasonChars) }
    const { input, metadata } = data
    return { outcome: 'taken', metadata, ...(input && { input: toJson(input) }) }
  }
}

function toJson(input: Record<string, unknown>): string {
  try {
    return JSON.stringify(input)
  } catch (error) {
    throw new HookError('beforeSubmit returned an input that is no JSON', { cause: error })
  }
}
