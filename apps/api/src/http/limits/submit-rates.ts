/**
 * Counts the submits of each tenant for which a number in a minute is set. All processes on one Redis count together: each draws
 * some of what is left, the more the faster it submits, and keeps them for a second. So most submits cost no question, and one that is
 * refused costs none either until something is left. Used by submitJob.
 */
import { ProblemError, type RateLimit } from '@millrace/contracts'
import type { TenantStore } from '@millrace/queue'
import { BoundedMap } from './bounded-map.ts'

/** The time on which the limit is, in seconds. */
const WINDOW = 60
/** How long what was drawn is good for. Milliseconds. */
const POCKET_MS = 1000
/** At once a process draws no more than this part of what is allowed in a minute. */
const MOST_PART = 1 / 20
/** Tenants that are remembered. */
const MOST_TENANTS = 20_000

const NAME = 'submits_per_minute'

interface Pocket {
  quota: number
  /** Drawn, and not used. */
  tokens: number
  goodUntil: number
  /** Of what is left in Redis, as far as is known. */
  left: number
  /** Nothing is left until then. */
  emptyUntil: number
  /** When some of what was used is free again. */
  freedAt: number
  /** How many are drawn next. */
  next: number
  drawing: Promise<void> | undefined
  waiting: number
}

export class SubmitRates {
  readonly #tenants: Pick<TenantStore, 'drawSubmits'>
  readonly #pockets = new BoundedMap<string, Pocket>(MOST_TENANTS)

  constructor(tenants: Pick<TenantStore, 'drawSubmits'>) {
    this.#tenants = tenants
  }

  /** Counts one submit, and answers what is left. Throws ProblemError `too_many_submits`. Rejects with QueueUnavailableError. */
  async take(tenant: string, quota: number): Promise<RateLimit> {
    const pocket = this.#pocketOf(tenant, quota)
    for (;;) {
      const now = performance.now()
      if (pocket.tokens > 0 && now < pocket.goodUntil) {
        pocket.tokens--
        return standing(pocket, now)
      }
      if (now < pocket.emptyUntil) throw refusal(pocket, now)
      pocket.waiting++
      pocket.drawing ??= this.#draw(tenant, pocket).finally(() => (pocket.drawing = undefined))
      await pocket.drawing.finally(() => pocket.waiting--)
    }
  }

  /** What a submit would be refused with, as far as that is known here; nothing is asked or counted. Before its body is read. */
  refusal(tenant: string, quota: number): ProblemError | undefined {
    const pocket = this.#pockets.get(tenant)
    const now = performance.now()
    if (pocket?.quota !== quota || now >= pocket.emptyUntil) return undefined
    return pocket.tokens > 0 && now < pocket.goodUntil ? undefined : refusal(pocket, now)
  }

  /** What is left, without counting. */
  async look(tenant: string, quota: number): Promise<RateLimit> {
    const { remaining, waitMs } = await this.#tenants.drawSubmits(tenant, { quota, want: 0 })
    const { tokens } = this.#pocketOf(tenant, quota)
    return { name: NAME, quota, windowSeconds: WINDOW, remaining: remaining + tokens, resetSeconds: waitMs / 1000 }
  }

  async #draw(tenant: string, pocket: Pocket): Promise<void> {
    const began = performance.now()
    const isFast = began < pocket.goodUntil
    const most = Math.max(1, Math.floor(pocket.quota * MOST_PART))
    pocket.next = Math.min(most, isFast ? Math.max(pocket.next * 2, pocket.waiting) : pocket.waiting)
    const { granted, remaining, waitMs } = await this.#tenants.drawSubmits(tenant, {
      quota: pocket.quota,
      want: Math.max(1, pocket.next),
    })
    pocket.tokens = granted
    pocket.goodUntil = began + POCKET_MS
    pocket.left = remaining
    pocket.freedAt = performance.now() + waitMs
    pocket.emptyUntil = granted === 0 ? pocket.freedAt : 0
  }

  #pocketOf(tenant: string, quota: number): Pocket {
    const known = this.#pockets.get(tenant)
    if (known?.quota === quota) return known
    const pocket: Pocket = {
      ...{ quota, tokens: 0, goodUntil: 0, left: 0, emptyUntil: 0, freedAt: 0 },
      ...{ next: 1, drawing: undefined, waiting: 0 },
    }
    this.#pockets.set(tenant, pocket)
    return pocket
  }
}

const standing = ({ quota, left, tokens, freedAt }: Pocket, now: number): RateLimit => ({
  ...{ name: NAME, quota, windowSeconds: WINDOW, remaining: left + tokens },
  resetSeconds: Math.max(0, freedAt - now) / 1000,
})

function refusal(pocket: Pocket, now: number): ProblemError {
  const retryAfter = Math.max(1, (pocket.emptyUntil - now) / 1000)
  return new ProblemError('too_many_submits', {
    detail: `${pocket.quota} submits are allowed in ${WINDOW} seconds, and none is left; one is in about ${Math.ceil(retryAfter)} s.`,
    retryAfter,
    rateLimit: { ...standing(pocket, now), remaining: 0, resetSeconds: retryAfter },
  })
}
