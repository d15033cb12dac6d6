/** A batch that a request names, as far as whoever asks may know of it; and its cancel. Called by the routes of batches and by dialects. */
import { isBatchOver, ProblemError } from '@millrace/contracts'
import type { Batches, BatchState, KeptBatch } from '@millrace/queue'
import type { Principal } from '../http/access/principal.ts'

/** A key for some models knows of batches that were made by keys for no other ones. */
export const mayRead = ({ state }: KeptBatch, { models }: Principal): boolean =>
  models === null || (state.models?.every((name) => models.names.has(name)) ?? false)

/** Rejects with ProblemError `batch_not_found`. */
export async function findBatch(batches: Pick<Batches, 'get'>, principal: Principal, id: string): Promise<KeptBatch> {
  const found = await batches.get(id, principal.tenant)
  if (!found || !mayRead(found, principal)) throw new ProblemError('batch_not_found')
  return found
}

/** Answers the batch as it is then. One that has ended, or nearly, stays as it is. */
export async function cancelBatch(batches: Pick<Batches, 'get' | 'change'>, batch: KeptBatch): Promise<KeptBatch> {
  for (let now: KeptBatch | undefined = batch; now; now = await batches.get(batch.id, batch.tenant)) {
    const { status } = now.state
    if (isBatchOver(status) || (status !== 'validating' && status !== 'running')) return now
    const outcome = await batches.change(now, canceled(now), { ends: status === 'validating' })
    if (outcome === 'done') return (await batches.get(batch.id, batch.tenant)) ?? now
  }
  throw new ProblemError('batch_not_found')
}

/** Of one that is still read nothing was submitted, so it has ended at once. */
function canceled({ state, nowMs }: KeptBatch): BatchState {
  const status = state.status === 'validating' ? 'canceled' : 'canceling'
  return { ...state, status, waitsFor: null, times: { ...state.times, [status]: nowMs } }
}
