/** How often a job of a chaos run was started, why, and who was blamed for it. Pure; called by judge-job.ts. */
import { type JobEvent, LIMITS } from '@millrace/contracts'
import type { Evidence, JobEvidence } from './evidence.ts'
import type { Fault } from '../faults/nemesis.ts'
import { BATCHING_VERSION } from '../load/plan-chaos.ts'

export type StatusEvent = Extract<JobEvent, { type: 'status' }>

/** Clocks are read on both sides of a socket. */
const SLACK_MS = 100

/**
 * The API holds no job, a worker that drains gives its jobs back, and a lost reply is asked for again. Only to a Redis that
 * is away when the grace of a drain ends can nothing be given back.
 */
function costsAStart({ kind, from, to }: Fault, faults: readonly Fault[]): boolean {
  if (kind !== 'drain') return kind === 'kill-worker' || kind === 'freeze' || kind === 'kill-redis'
  return faults.some((one) => one.kind.endsWith('redis') && one.from <= to && one.to >= from)
}

export const statusEventsOf = ({ events }: JobEvidence): StatusEvent[] =>
  events.flatMap(({ event }) => (event.type === 'status' ? [event] : []))

export const startsOf = (job: JobEvidence): number =>
  statusEventsOf(job).filter(({ status }) => status === 'running').length

/** Given back: a start that no fault must explain, and that nobody is blamed for. */
export const releasesOf = (job: JobEvidence): number =>
  statusEventsOf(job).filter(({ status, reason }) => status === 'queued' && reason === 'released').length

/** How long after each start that was lost the next one came. Milliseconds, shortest first. */
export const recoveriesOf = (jobs: readonly JobEvidence[]): number[] =>
  jobs
    .flatMap(({ events }) => {
      const moves = events.flatMap(({ at, event }) => (event.type === 'status' ? [{ at, ...event }] : []))
      // running, queued because its worker was lost, running.
      return moves.flatMap(({ status, reason }, i) => {
        const [lost, again] = [moves[i - 1], moves[i + 1]]
        return status === 'queued' && reason === 'worker lost' && lost && again?.status === 'running'
          ? [again.at - lost.at]
          : []
      })
    })
    .sort((a, b) => a - b)

/** I5: every start that the record holds against a job is one whose worker or runner was lost; a drain is none. */
export function blameFaults(job: JobEvidence): string[] {
  const isLoss = ({ status, reason = '' }: StatusEvent): boolean =>
    status !== 'canceled' && ['worker lost', 'worker_lost', 'runner_crashed'].includes(reason)
  const losses = statusEventsOf(job).filter(isLoss).length
  const blamed = Number(job.record.crashes ?? 0)
  return blamed === losses ? [] : [`it is blamed for ${blamed} losses, and there were ${losses}`]
}

/** Answered in one call with a job that took their runner down; only once, for from then on it has a runner to itself. */
function sharedCrashes(job: JobEvidence): number {
  if (job.record.version !== BATCHING_VERSION) return 0
  return statusEventsOf(job).some(({ reason }) => reason === 'runner_crashed') ? 1 : 0
}

/** I11: whatever was started again was hit, or could have been. */
export function startFaults(job: JobEvidence, { faults, ends }: Evidence): string[] {
  const from = Number(job.record.created_us) / 1000 - SLACK_MS
  const to = Number(job.record.finished_at) + SLACK_MS
  const isHit = (fault: Fault): boolean => fault.from <= to && fault.to >= from && costsAStart(fault, faults)
  const hits = faults.filter(isHit).length
  // Every death of a worker, by a poison job too; those by the nemesis are counted above.
  const kills = faults.filter(({ kind }) => kind === 'kill-worker')
  const bystander = ends.filter(
    ({ role, part, at, exitCode }) =>
      role === 'worker' &&
      exitCode === null &&
      at >= from &&
      at <= to &&
      !kills.some((kill) => kill.part === part && Math.abs(kill.to - at) <= SLACK_MS),
  ).length
  const own = job.plan.input.poison === 'none' ? 0 : LIMITS.crashes
  const allowed = 1 + hits + bystander + releasesOf(job) + own + sharedCrashes(job)
  const starts = startsOf(job)
  return starts <= allowed ? [] : [`it was started ${starts} times, but only ${allowed - 1} faults could have hit it`]
}
