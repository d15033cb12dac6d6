/**
 * Brings weights and caps of tenants into the shards of models. A cap is over all models, and no script sees two shards: so each
 * model has a part of it, and the sum of what may run by these parts is never more than the cap. Who shares out draws a number first.
 * It looks at all shards, and from then on these refuse what somebody with a smaller number wants. Then it lowers parts, hears
 * how many jobs run there yet, and only then raises others by what is left; while more run than may, all parts are 0. So it may be done by several at once, or broken off anywhere.
 * Called for each change, and by upkeep: see TenantUpkeep.
 */
import type { ModelNames } from '../redis/model-names.ts'
import type { RedisClient } from '../redis/redis-client.ts'
import { ifAway } from '../redis/redis-connection.ts'
import type { RunScript, ScriptReply } from '../scripts/define-scripts.ts'
import { divideCap } from './divide-cap.ts'
import { type Policy, readPolicies } from './policies.ts'

/** Tenants that are looked at in one call of a script. */
const AT_ONCE = 128
const NO_CAP = -1
/** How often a change is shared out anew because another one began meanwhile. After that it is for who overtakes so often. */
const MOST_ROUNDS = 5

type Touched = ScriptReply<'shares/touch'>[number]
interface Row {
  tenant: string
  weight: number
  cap: number
}
/** Of a tenant in a model. */
interface Part {
  model: string
  /** Infinity: there is no cap. */
  cap: number
  target: number
  running: number
  /** So many may run there, until less is heard. */
  bound: number
}
interface TenantParts extends Policy {
  tenant: string
  parts: Part[]
  /** In some model it could not be seen, or somebody else has begun later: then nothing is raised. */
  isPartial: boolean
}

export class ShareOut {
  readonly #redis: RedisClient
  readonly #run: RunScript
  readonly #names: ModelNames

  constructor(redis: RedisClient, run: RunScript, names: ModelNames) {
    this.#redis = redis
    this.#run = run
    this.#names = names
  }

  /**
   * What holds for these tenants is in force in all models when this resolves. Rejects with QueueUnavailableError when some could
   * not be told; the others were. `at`: they are all that changed until then, and models that know that are not told again.
   */
  shareOut(tenants: readonly string[], at?: number): Promise<void> {
    return this.#shareOut(tenants, { at, isChange: true })
  }

  /** The caps of these are shared out anew, by what they want in each model now. Rejects as `shareOut` does. */
  shift(tenants: readonly string[]): Promise<void> {
    return this.#shareOut(tenants, { isChange: false })
  }

  async #shareOut(tenants: readonly string[], { at, isChange }: { at?: number | undefined; isChange: boolean }) {
    let round: Round
    let rounds = 0
    do {
      round = new Round(this.#run, await this.#names.all(), { fence: await this.#draw(), isChange })
      for (let i = 0; i < tenants.length || i === 0; i += AT_ONCE) {
        const some = tenants.slice(i, i + AT_ONCE)
        await round.shareOut(await readPolicies(this.#redis, some), i + AT_ONCE >= tenants.length ? at : undefined)
      }
      // The last one to begin is overtaken by none.
    } while (isChange && round.isOvertaken && !round.fault && ++rounds < MOST_ROUNDS)
    if (round.fault) throw round.fault
  }

  /** A model that is not known yet is told of all tenants: those with a cap have nothing of it there until they want it. */
  async seed(model: string, tenants: readonly string[], at: number): Promise<void> {
    const fence = await this.#draw()
    for (let i = 0; i < tenants.length || i === 0; i += AT_ONCE) {
      const policies = await readPolicies(this.#redis, tenants.slice(i, i + AT_ONCE))
      const rows = [...policies].map(
        ([tenant, { weight, cap }]): Row => ({ tenant, weight, cap: cap === undefined ? NO_CAP : 0 }),
      )
      await this.#run('shares/set', { model, fence, rows, at: i + AT_ONCE >= tenants.length ? at : undefined })
    }
  }

  /** Of who begins now. It is drawn before anything is read, so who has the greatest one has read last. */
  #draw(): Promise<number> {
    return this.#run('access/draw_fence', {})
  }
}

/** One sharing out, with its number. */
class Round {
  readonly #run: RunScript
  readonly #models: readonly string[]
  readonly #fence: number
  /** What was set may be another than before: then all are told, also where their part stays. */
  readonly #isChange: boolean
  /** Models that miss something of this. */
  readonly #missed = new Set<string>()
  /** Why some model was not told. */
  fault: Error | undefined
  /** Somebody began later and is perhaps not done yet: then what this one was to bring may not be in force yet. */
  isOvertaken = false

  constructor(run: RunScript, models: readonly string[], { fence, isChange }: { fence: number; isChange: boolean }) {
    this.#run = run
    this.#models = models
    this.#fence = fence
    this.#isChange = isChange
  }

  async shareOut(policies: ReadonlyMap<string, Policy>, at: number | undefined): Promise<void> {
    const shared = await this.#look(policies)
    const targets = shared.map(({ parts }) => parts.map(({ target }) => target))
    await this.#set(shared, ({ cap, target }) => target < cap)
    await this.#stop(shared.filter((tenant) => leftOf(tenant) < 0))
    for (const [i, tenant] of shared.entries()) {
      if (tenant.cap === undefined) continue
      let left = tenant.isPartial ? -1 : leftOf(tenant)
      for (const [m, part] of tenant.parts.entries()) {
        const target = targets[i]?.[m] as number
        const raised = left < 0 ? part.cap : Math.max(part.cap, Math.min(target, part.bound + left))
        left -= Math.max(0, raised - part.bound)
        part.target = raised
      }
    }
    await this.#set(shared, ({ cap, target }) => (this.#isChange ? target >= cap : target > cap), at)
  }

  /**
   * More of theirs run than may, or could: so nothing of theirs starts, in no model, however small its part. Else one model would fill
   * its part while another is yet above its own. They get their parts back as soon as there is room for them.
   */
  async #stop(tenants: readonly TenantParts[]): Promise<void> {
    for (const part of tenants.flatMap(({ parts }) => parts)) part.target = 0
    await this.#set(tenants, ({ cap }) => cap > 0)
  }

  async #look(policies: ReadonlyMap<string, Policy>): Promise<TenantParts[]> {
    const tenants = [...policies.keys()]
    const fence = this.#fence
    const seen = await this.#askAll((model) => this.#run('shares/touch', { model, fence, tenants }))
    return [...policies].map(([tenant, policy], i) => {
      const states = seen.map((touched) => touched?.[i])
      const isPartial = states.some((state) => state === undefined || state.isStale)
      const targets = divideCap(policy.cap ?? 0, states.map(demandOf))
      const parts = states.flatMap((state, m): Part[] => {
        const model = this.#models[m]
        if (model === undefined) return []
        if (state?.isStale) this.#overtakenIn(model)
        if (!state || state.isStale) return []
        const cap = state.cap < 0 ? Infinity : state.cap
        const target = policy.cap === undefined ? Infinity : (targets[m] as number)
        return [{ model, cap, target, running: state.running, bound: Math.max(cap, state.running) }]
      })
      return { tenant, ...policy, parts, isPartial }
    })
  }

  /** Sets those parts for which that holds, and notes what may run there from now on. */
  async #set(shared: readonly TenantParts[], isDue: (part: Part) => boolean, at?: number): Promise<void> {
    await this.#askAll(async (model) => {
      const due = shared.flatMap(({ tenant, weight, parts }) =>
        parts.flatMap((part) => (part.model === model && isDue(part) ? [{ tenant, weight, part }] : [])),
      )
      const told = this.#missed.has(model) ? undefined : at
      if (due.length === 0 && told === undefined) return
      const rows = due.map(({ tenant, weight, part: { target } }): Row => {
        return { tenant, weight, cap: target === Infinity ? NO_CAP : target }
      })
      const running = await this.#run('shares/set', { model, fence: this.#fence, rows, at: told })
      due.forEach(({ part }, i) => {
        const now = running[i] ?? -1
        // Below 0: somebody else has begun later, and knows better.
        if (now < 0) this.isOvertaken = true
        else Object.assign(part, { cap: part.target, bound: Math.max(part.target, now) })
      })
    })
  }

  #overtakenIn(model: string): void {
    this.isOvertaken = true
    this.#missed.add(model)
  }

  /** Asks each model, and notes which are away. */
  #askAll<T>(ask: (model: string) => Promise<T>): Promise<(T | undefined)[]> {
    return Promise.all(
      this.#models.map((model) =>
        ifAway(ask(model), (error) => {
          this.fault = error
          this.#missed.add(model)
          return undefined
        }),
      ),
    )
  }
}

/** Below 0 while more may run than the cap says, since it was lowered or a part was filled meanwhile. */
const leftOf = ({ cap, parts }: TenantParts): number =>
  cap === undefined ? Infinity : cap - parts.reduce((sum, part) => sum + part.bound, 0)

const NO_DEMAND = { running: 0, queued: 0, since: 0 }
const demandOf = (state: Touched | undefined) => (state && !state.isStale ? state : NO_DEMAND)
