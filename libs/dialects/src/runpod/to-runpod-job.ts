/** A job as RunPod's API shows it. Called by the API and by the dispatcher of webhooks. */
import type { JobRecord, JobStatus } from '@millrace/contracts'

/** What clients take for the end: anything else they poll on. */
export type RunpodStatus = 'IN_QUEUE' | 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'TIMED_OUT'

type Facts = Pick<
  JobRecord,
  'id' | 'status' | 'error' | 'created_at' | 'run_at' | 'started_at' | 'run_seconds' | 'worker'
>

const STATUS: Record<JobStatus, RunpodStatus> = {
  queued: 'IN_QUEUE',
  running: 'IN_PROGRESS',
  succeeded: 'COMPLETED',
  failed: 'FAILED',
  canceled: 'CANCELLED',
}

export function runpodStatusOf({ status, error }: Pick<JobRecord, 'status' | 'error'>): RunpodStatus {
  const isOverdue = status === 'failed' && (error?.code === 'timeout' || error?.code === 'expired')
  return isOverdue ? 'TIMED_OUT' : STATUS[status]
}

/**
 * `output`: of a job that succeeded. What one that failed had given is left out, because clients of Python answer with whatever is
 * there as if all were well. Times are milliseconds.
 */
export function toRunpodJob(record: Facts, output: unknown): Record<string, unknown> {
  const { id, status, error, started_at, run_seconds, worker } = record
  const hasBegun = status !== 'queued' && started_at !== null
  return {
    id,
    status: runpodStatusOf(record),
    ...(hasBegun && { delayTime: delayOf(record, started_at) }),
    ...(status === 'succeeded' && { output }),
    ...(status === 'failed' && { error: error?.message ?? 'It failed.' }),
    ...(status !== 'queued' && status !== 'running' && run_seconds !== null && { executionTime: ms(run_seconds) }),
    ...(hasBegun && worker !== null && { workerId: worker }),
  }
}

const ms = (seconds: number): number => Math.round(seconds * 1000)

const delayOf = ({ created_at, run_at }: Facts, startedAt: string): number =>
  Math.max(0, Date.parse(startedAt) - Date.parse(run_at ?? created_at))
