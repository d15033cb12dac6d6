/**
 * A Redis of its own with the line of one model, filled to any depth by batched submits through the store, and what its
 * operations need. Called by the row about depth.
 */
import { type Hold, openQueue, type Queue } from '@millrace/queue'
import type { JobId } from '@millrace/contracts'
import { Redis } from 'ioredis'
import { newJob, silent } from '../../../support/open-test-queue.ts'
import { startRedis, type TestRedis } from '../../../support/servers/redis-server.ts'
import { inputOf, REDIS_ARGS } from '../../stacks/bench-stack.ts'

export const MODEL = 'noop'
export const TENANTS = 1000
export const INPUT = JSON.stringify(inputOf(1024))
/** What the no-op model answers is what it was given. */
export const OUTPUT = { value: { inline: INPUT }, files: [] }

const LIMITS = { tenantJobs: 1e8, modelJobs: 1e8, retentionSeconds: 86_400 }
/** As many as fill a few script calls, so that neither side waits for the other. */
const SUBMITS_AT_ONCE = 512

export class JobLine {
  readonly queue: Queue
  readonly redis: Redis
  /** What runs, and can be settled. */
  readonly held: Hold[] = []
  readonly #server: TestRedis
  /** What waits, oldest first, with its tenant. */
  readonly #waiting = new Map<JobId, string>()
  #submitted = 0

  private constructor(server: TestRedis) {
    this.#server = server
    this.redis = new Redis(server.url)
    this.queue = openQueue({ url: server.url, role: 'worker', logger: silent, limits: LIMITS, lockMs: 30_000 })
  }

  static async open(): Promise<JobLine> {
    return new JobLine(await startRedis({ extraArgs: REDIS_ARGS }))
  }

  get depth(): number {
    return this.#waiting.size
  }

  /** Submits until so many wait. */
  async fill(depth: number): Promise<void> {
    while (this.depth < depth) {
      const count = Math.min(SUBMITS_AT_ONCE, depth - this.depth)
      await Promise.all(Array.from({ length: count }, () => this.submit()))
    }
  }

  /** One more job, of the next tenant in turn. */
  async submit(): Promise<void> {
    const tenant = `tenant-${this.#submitted++ % TENANTS}`
    const input = { value: { inline: INPUT }, files: [] }
    const job = newJob({ model: MODEL, tenant, input, expiresInSeconds: 86_400 })
    const { outcome } = await this.queue.jobs.submit(job)
    if (outcome !== 'created') throw new Error(`a submit of the bench is ${outcome}`)
    this.#waiting.set(job.id, tenant)
  }

  /** A worker has it now. */
  readonly hold = (hold: Hold): void => {
    this.#waiting.delete(hold.id)
    this.held.push(hold)
  }

  /** Jobs that wait, from the whole length of the line; some more than once when it is shorter. */
  sample(count: number): { id: JobId; tenant: string }[] {
    const apart = Math.max(1, Math.floor(this.depth / count))
    const found: { id: JobId; tenant: string }[] = []
    let place = 0
    for (const [id, tenant] of this.#waiting) if (place++ % apart === 0) found.push({ id, tenant })
    return Array.from({ length: count }, (_, i) => found[i % found.length] as (typeof found)[number])
  }

  async stop(): Promise<void> {
    await this.queue.close()
    this.redis.disconnect()
    await this.#server.stop()
  }
}
