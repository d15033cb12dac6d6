/** Which version of a model gets the jobs that name none, in Redis; see ModelSteering. Made by openQueue. */
import { isoTime } from '@millrace/contracts'
import type {
  Guard,
  ModelSteering,
  Outcomes,
  Returned,
  SplitResult,
  Steering,
  SteeringEvent,
  TrafficShare,
} from '../ports/steering/model-steering.ts'
import { prefixOfModel } from '../redis/keys.ts'
import { type RedisClient, redisNow } from '../redis/redis-client.ts'
import { repliesOf } from '../redis/replies-of.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import { WORKER_ALIVE_MS } from '../scripts/contract/script-constants.ts'
import { contractLinesOf, lineOfVersion } from './lines-of.ts'
import { parseManifest } from './parse-manifest.ts'

/** What is shown of the story. */
const EVENTS_SHOWN = 20
/** A word that comes between reading and setting makes it begin anew, but not without end. */
const MOST_TRIES = 5

interface SetShare extends TrafficShare {
  line: string
}

export class RedisModelSteering implements ModelSteering {
  readonly #redis: RedisClient
  readonly #run: RunScript

  constructor(redis: RedisClient, run: RunScript) {
    this.#redis = redis
    this.#run = run
  }

  async steering(model: string): Promise<Steering> {
    const prefix = prefixOfModel(model)
    const replies = await orUnavailable(() =>
      this.#redis
        .pipeline()
        .hgetall(`${prefix}steer`)
        .hgetall(`${prefix}tally`)
        .hgetall(`${prefix}returned`)
        .xrevrange(`${prefix}steering`, '+', '-', 'COUNT', EVENTS_SHOWN)
        .exec(),
    )
    const [steer, tally, returned, events] = repliesOf(replies) as [Texts, Texts, Texts, [string, string[]][]]
    const shares = sharesOf(steer.traffic)
    return {
      isSet: steer.set === '1',
      previous: steer.previous ?? null,
      traffic: shares.map(({ version, share }) => ({ version, share })),
      guard: steer.guard ? (JSON.parse(steer.guard) as Guard) : null,
      outcomes: new Map(shares.map(({ version, line }) => [version, outcomesOf(tally, line)])),
      returned: new Map(Object.entries(returned).map(([version, text]) => [version, toReturned(text)])),
      events: events.map(([id, [, text]]) => ({ ...toEvent(text ?? ''), at: isoOf(id) })),
    }
  }

  async traffic(model: string): Promise<readonly TrafficShare[]> {
    const prefix = prefixOfModel(model)
    const text = await orUnavailable(() => this.#redis.hget(`${prefix}steer`, 'traffic'))
    const shares = sharesOf(text ?? undefined).filter(({ share }) => share > 0)
    if (shares.length === 0) return []
    const now = await orUnavailable(() => redisNow(this.#redis, prefix))
    const workers = await this.#workersOf(
      prefix,
      shares.map(({ version }) => version),
      now,
    )
    return shares.filter((_, i) => Number(workers[i]) > 0)
  }

  async promote(model: string, version: string | null): Promise<'done' | 'missing'> {
    return this.#promote(model, 'promoted', version === null, async () => version ?? (await this.#newest(model)))
  }

  async rollback(model: string): Promise<'done' | 'missing'> {
    const previous = () => orUnavailable(() => this.#redis.hget(`${prefixOfModel(model)}steer`, 'previous'))
    return this.#promote(model, 'rolled_back', false, previous)
  }

  async split(model: string, shares: readonly TrafficShare[], guard: Guard | null): Promise<SplitResult> {
    const traffic: SetShare[] = shares.map((one) => ({ ...one, line: lineOfVersion(one.version) }))
    const versions = traffic.map(({ version }) => version)
    const isSet = await orUnavailable(() => this.#redis.hget(`${prefixOfModel(model)}steer`, 'set'))
    const [lead] = traffic.toSorted((a, b) => b.share - a.share)
    // Else the newest would be current, which is the one that is to be tried.
    if (lead && isSet !== '1' && (await this.promote(model, lead.version)) === 'missing') {
      return { outcome: 'missing', version: lead.version }
    }
    return this.#run('steering/traffic', { model, versions, traffic, guard: guard ?? undefined })
  }

  async #promote(
    model: string,
    how: 'promoted' | 'rolled_back',
    follows: boolean,
    choose: () => Promise<string | null>,
  ): Promise<'done' | 'missing'> {
    const prefix = prefixOfModel(model)
    for (let i = 0; i < MOST_TRIES; i++) {
      const version = await choose()
      if (version === null) return 'missing'
      const [manifest, from] = await orUnavailable(() =>
        Promise.all([this.#redis.hget(`${prefix}versions`, version), this.#redis.get(`${prefix}current`)]),
      )
      if (manifest === null) return 'missing'
      const contracts = contractLinesOf(parseManifest(manifest))
      const args = { model, version, manifest, ...contracts, from: from ?? '', follows, how }
      const { outcome } = await this.#run('steering/promote', args)
      if (outcome !== 'changed') return outcome
    }
    throw new Error('the current version changes all the time')
  }

  /** Of those that a worker has; if none has any, of all. */
  async #newest(model: string): Promise<string | null> {
    const prefix = prefixOfModel(model)
    const [now, versions] = await orUnavailable(() =>
      Promise.all([redisNow(this.#redis, prefix), this.#redis.zrevrange(`${prefix}introduced`, 0, -1)]),
    )
    const workers = await this.#workersOf(prefix, versions, now)
    return versions.find((_, i) => Number(workers[i]) > 0) ?? versions[0] ?? null
  }

  /** How many live workers have each of the versions. */
  async #workersOf(prefix: string, versions: readonly string[], now: number): Promise<unknown[]> {
    const pipeline = this.#redis.pipeline()
    for (const version of versions) pipeline.zcount(`${prefix}workers:${version}`, now - WORKER_ALIVE_MS, '+inf')
    return repliesOf(await orUnavailable(() => pipeline.exec()))
  }
}

type Texts = Readonly<Record<string, string | undefined>>

const sharesOf = (text: string | undefined): SetShare[] => (text ? (JSON.parse(text) as SetShare[]) : [])

const outcomesOf = (tally: Texts, line: string): Outcomes => ({
  succeeded: Number(tally[`${line} succeeded`] ?? 0),
  failed: Number(tally[`${line} failed`] ?? 0),
})

function toReturned(text: string | undefined): Returned {
  const { at, share, failed, jobs, others_failed, others_jobs } = JSON.parse(text ?? '{}') as Returned
  return { at: isoTime(Number(at)), share, failed, jobs, others_failed, others_jobs }
}

/** Without the names that lines have in Redis. */
function toEvent(text: string): SteeringEvent {
  const event = JSON.parse(text) as SteeringEvent & { at?: unknown }
  const { at: _, shares, ...rest } = event
  return { ...rest, ...(shares && { shares: shares.map(({ version, share }) => ({ version, share })) }) }
}

/** Of the id of an entry in a stream, which begins with its time. */
const isoOf = (id: string): string => isoTime(Number(id.split('-')[0]))
