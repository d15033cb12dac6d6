/** Jobs for actions on many of them, and whoever does these. Called by the tests beside this file. */
import { type JobAction, type JobActionKind, type JobFilter, type JobId, manifestSchema } from '@millrace/contracts'
import { type JobActionUpkeep, JobActionRunner, newJobId, type NewJob, type Queue } from '@millrace/queue'
import { newJob, TEST_LINE } from '../../support/open-test-queue.ts'
import { takeJobs } from '../../support/take-jobs.ts'

let made = 0

/** A tenant and a model of its own for each test, so that nothing has to be emptied in between. */
export class ActionStand {
  readonly tenant = `tenant-${++made}`
  readonly model = `model-${made}`
  readonly #queue: Queue
  readonly faults: unknown[] = []

  constructor(queue: Queue) {
    this.#queue = queue
  }

  publish(model = this.model): Promise<unknown> {
    return this.#queue.models.publish(
      manifestSchema.parse({ name: model, version: '1.0.0', input_schema: {}, output_schema: {} }),
      'w_test',
    )
  }

  async submit(count: number, more: Partial<NewJob> = {}): Promise<JobId[]> {
    const model = more.model ?? this.model
    const jobs = Array.from({ length: count }, () =>
      newJob({ tenant: this.tenant, model, ...more, id: newJobId(model) }),
    )
    await Promise.all(jobs.map((job) => this.#queue.jobs.submit(job)))
    return jobs.map(({ id }) => id)
  }

  /** All that wait in the line are claimed. */
  async claim(count: number, model = this.model): Promise<{ id: JobId; fence: number }[]> {
    const holds: { id: JobId; fence: number }[] = []
    while (holds.length < count) {
      const places = Math.min(100, count - holds.length)
      const { records } = await takeJobs(this.#queue, model, { lines: [TEST_LINE], places, alone: false })
      if (records.length === 0) throw new Error('no more jobs wait')
      holds.push(...records.map(({ id, fence }) => ({ id: id as JobId, fence })))
    }
    return holds
  }

  async fail(holds: readonly { id: JobId; fence: number }[], code: 'model_error' | 'timeout' = 'model_error') {
    const error = { code, message: 'no', retryable: false } as const
    await Promise.all(holds.map((hold) => this.#queue.attempts.fail(hold, { blame: 'final', error, runSeconds: 0.01 })))
  }

  async failed(count: number, more: Partial<NewJob> = {}): Promise<JobId[]> {
    const ids = await this.submit(count, more)
    await this.fail(await this.claim(count, more.model))
    return ids
  }

  async succeed(holds: readonly { id: JobId; fence: number }[]): Promise<void> {
    const output = { value: { inline: '1' }, files: [] }
    for (const hold of holds) await this.#queue.attempts.succeed(hold, { output, runSeconds: 0.01 })
  }

  runner(actions: JobActionUpkeep = this.#queue.jobActions): JobActionRunner {
    return new JobActionRunner({
      actions,
      finishPurges: async (jobs) => {
        for (const { id, tenant } of jobs) await this.#queue.upkeep.purged(id, tenant)
      },
      audit: this.#queue.audit,
      onFault: (error) => this.faults.push(error),
    })
  }

  async begin(action: JobActionKind, filter: JobFilter, expect?: number): Promise<string> {
    const wish = { tenant: this.tenant, action, filter, isDry: expect === undefined, expect }
    const begun = await this.#queue.jobActions.begin(wish)
    if (begun.outcome !== 'begun') throw new Error(begun.outcome)
    return begun.id
  }

  /** Begun, and done. Without a number it only counts. */
  async do(action: JobActionKind, filter: JobFilter, expect?: number): Promise<JobAction> {
    const id = await this.begin(action, filter, expect)
    await this.runner().goOn(id)
    if (this.faults.length > 0) throw this.faults[0]
    return this.read(id)
  }

  async read(id: string): Promise<JobAction> {
    const found = await this.#queue.jobActions.get(id, { tenant: this.tenant })
    if (!found) throw new Error('there is no such action')
    return found
  }
}
