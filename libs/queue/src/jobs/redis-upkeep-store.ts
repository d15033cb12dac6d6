/** What the platform asks on its own behalf; see UpkeepStore. One page of one model is one script call. */
import type { JobId } from '@millrace/contracts'
import type { RedisClient } from '../redis/redis-client.ts'
import type { SteeringEvent } from '../ports/steering/model-steering.ts'
import type { JobFound } from '../ports/job-reader.ts'
import type { CarriedOver, DroppedCheckpoint, PurgedPage, Reconciled, UpkeepStore } from '../ports/upkeep-store.ts'
import { prefixOfJob } from '../redis/keys.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import type { ModelNames } from '../redis/model-names.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import type { RecordReader } from './record-reader.ts'

export interface UpkeepStoreDeps {
  redis: RedisClient
  run: RunScript
  records: RecordReader
  names: ModelNames
  /** Of a job that runs. */
  leaseMs: number
}

export class RedisUpkeepStore implements UpkeepStore {
  readonly #redis: RedisClient
  readonly #run: RunScript
  readonly #names: ModelNames
  readonly #records: RecordReader
  readonly #leaseMs: number

  constructor(deps: UpkeepStoreDeps) {
    this.#redis = deps.redis
    this.#names = deps.names
    this.#run = deps.run
    this.#records = deps.records
    this.#leaseMs = deps.leaseMs
  }

  get(id: JobId): Promise<JobFound> {
    return this.#records.find(id, undefined)
  }

  models(): Promise<string[]> {
    return this.#names.all()
  }

  reconcile(model: string): Promise<Reconciled> {
    return this.#run('handout/reconcile', { model, lease: this.#leaseMs })
  }

  async tendSteering(model: string): Promise<SteeringEvent[]> {
    return (await this.#run('steering/tend', { model })).map((text) => JSON.parse(text) as SteeringEvent)
  }

  carryOver(model: string): Promise<CarriedOver> {
    return this.#run('upgrade/carry_over', { model })
  }

  cancelPage(model: string): Promise<boolean> {
    return this.#run('jobs/cancel_page', { model })
  }

  async droppedCheckpoints(model: string): Promise<DroppedCheckpoint[]> {
    const entries = await this.#run('checkpoints/dropped', { model })
    return entries.map((entry) => {
      const [id = '', folder = '', ...tenant] = entry.split(' ')
      return { id: id as JobId, folder, tenant: tenant.join(' ') }
    })
  }

  async forgetCheckpoint({ id, folder, tenant }: DroppedCheckpoint): Promise<void> {
    await orUnavailable(() => this.#redis.zrem(`${prefixOfJob(id)}dropped`, `${id} ${folder} ${tenant}`))
  }

  purgeDue(model: string): Promise<PurgedPage> {
    return this.#run('purge/due', { model })
  }

  purged(id: JobId, tenant: string): Promise<void> {
    return forgetPurge(this.#redis, id, tenant)
  }
}

/** Takes away the note that objects and files of a purged job are still to go. */
export async function forgetPurge(redis: RedisClient, id: JobId, tenant: string): Promise<void> {
  await orUnavailable(() => redis.zrem(`${prefixOfJob(id)}erasing`, `${id} ${tenant}`))
}
