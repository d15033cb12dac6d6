/**
 * Where the jobs of a model come from: the one seam between what hands out work and the worker that does it. Made for each
 * model by create-worker.ts, started and stopped by model-service.ts.
 */
import type { Lifecycle } from '@millrace/async'
import type { Delivery, Handled } from '@millrace/queue'

/** Gives nothing before its start. Its stop waits for what it gave, as long as the grace allows. */
export interface JobSource extends Lifecycle {
  /**
   * The room of the taker is another now: gives more, fewer or none. Resolves when that holds, which needs no answer from
   * elsewhere. What it gave before goes on, and what was on its way already may still come.
   */
  adjust(): Promise<void>
}

/** Who takes the jobs. */
export interface JobTaker {
  /** Does a job, and says what is to become of it. Never rejects. */
  run(job: Delivery): Promise<Handled>
  /** Jobs that may be in hand at once, those that were given and have not ended among them. 0: none is to be given now. */
  room(): number
}

export type CreateJobSource = (model: string, taker: JobTaker) => JobSource
