/** Cancels the jobs of a batch, those of one slice after the other. A job that was there before the batch is none of them. Called by BatchRunner. */
import { forEachLimited } from '@millrace/async'
import { isTerminal, type JobId } from '@millrace/contracts'
import type { JobControl, JobReader, KeptBatch } from '@millrace/queue'
import type { ObjectReader } from '@millrace/storage'
import { readNotes } from './rows/slice-notes.ts'

export interface CancelDeps {
  jobs: Pick<JobReader, 'get'> & Pick<JobControl, 'cancel'>
  objects: Pick<ObjectReader, 'get'>
}

const AT_ONCE = 50

export class CancelJobs {
  readonly #deps: CancelDeps

  constructor(deps: CancelDeps) {
    this.#deps = deps
  }

  async slice({ id, tenant }: KeptBatch, key: string): Promise<void> {
    const { jobs, objects } = this.#deps
    const ids = (await readNotes(objects, key)).flatMap(({ jobId }) => (jobId === null ? [] : [jobId as JobId]))
    await forEachLimited(ids, AT_ONCE, async (job) => {
      const found = await jobs.get(job, { tenant })
      if (found.outcome !== 'found' || found.record.batch !== id || isTerminal(found.record.status)) return
      await jobs.cancel(job, tenant)
    })
  }
}
