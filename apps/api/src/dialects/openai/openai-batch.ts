/** A batch as OpenAI's clients read it. Called by its routes. */
import { type BatchCounts, type BatchLineFault, type BatchStatus, isBatchOver } from '@millrace/contracts'
import type { BatchState, KeptBatch } from '@millrace/queue'
import { countsOf, deadlineOf, type ViewDeps } from '../../batches/batch-view.ts'
import { secondsOf } from './openai-base.ts'

/** What only these batches keep beside what all do, in their `extra`. */
export interface OpenaiExtra {
  endpoint: string
  completion_window: string
}

export async function openaiBatch(deps: Pick<ViewDeps, 'batches'>, batch: KeptBatch) {
  const { id, createdMs, state } = batch
  const { times, extra } = state
  const counts = await countsOf(deps, batch)
  const isOver = isBatchOver(state.status)
  const at = (status: BatchStatus): number | null => {
    const ms = times[status]
    return ms === undefined ? null : secondsOf(ms)
  }
  const unsuccessful = unsuccessfulOf(counts)
  return {
    ...{ id, object: 'batch', endpoint: extra.endpoint ?? '', completion_window: extra.completion_window ?? '' },
    ...{ model: null, status: statusOf(state), errors: errorsOf(state.errors), input_file_id: state.file },
    // There is no file where no row would be in it.
    output_file_id: isOver && counts.succeeded > 0 ? state.results : null,
    error_file_id: isOver && unsuccessful > 0 ? state.faults : null,
    ...{ created_at: secondsOf(createdMs), expires_at: secondsOf(deadlineOf(batch)), in_progress_at: at('running') },
    ...{ finalizing_at: at('finalizing'), completed_at: at('completed'), failed_at: at('failed') },
    ...{ expired_at: at('expired'), cancelling_at: at('canceling'), cancelled_at: at('canceled') },
    request_counts: { total: counts.total ?? 0, completed: counts.succeeded, failed: unsuccessful },
    metadata: { ...state.metadata },
  }
}

/** Each of these rows has a line in the file of errors. */
const unsuccessfulOf = ({ failed, canceled, refused, purged }: BatchCounts): number =>
  failed + canceled + refused + purged

const STATUS: Record<BatchStatus, string> = {
  validating: 'validating',
  running: 'in_progress',
  canceling: 'cancelling',
  expiring: 'in_progress',
  finalizing: 'finalizing',
  completed: 'completed',
  failed: 'failed',
  canceled: 'cancelled',
  expired: 'expired',
}

/** One that is being canceled is so until it has ended. */
const statusOf = ({ status, times }: BatchState): string =>
  status === 'finalizing' && times.canceling !== undefined ? STATUS.canceling : STATUS[status]

function errorsOf(errors: readonly BatchLineFault[]) {
  if (errors.length === 0) return null
  const data = errors.map(({ code, message, path, line }) => ({
    code,
    message,
    param: path === '' ? null : path,
    line,
  }))
  return { object: 'list', data }
}
