/**
 * The statuses of a job, and every move between them. The scripts of `libs/queue` carry out these moves and no others.
 */
import { z } from 'zod'

export const JOB_STATUSES = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const
export const jobStatusSchema = z.enum(JOB_STATUSES).describe('Where the job is in its life. The last three are final.')
export type JobStatus = z.infer<typeof jobStatusSchema>

interface Move {
  readonly from: JobStatus | null
  readonly to: JobStatus
  readonly by: 'api' | 'worker' | 'worker or reconciler'
  /** What must be true, besides the status in `from`. */
  readonly when: string
}

/**
 * Every legal move of a job. Scripts in `libs/queue` carry them out, the diagram in ARCHITECTURE.md is generated from
 * this table, and a property test checks that no other move is ever seen.
 */
export const MOVES = {
  submit: { from: null, to: 'queued', by: 'api', when: 'idempotency key free, limits not reached' },
  claim: {
    from: 'queued',
    to: 'running',
    by: 'worker',
    when: 'before its deadline or its model began before it, no cancel asked',
  },
  succeed: { from: 'running', to: 'succeeded', by: 'worker', when: 'fence equal' },
  fail: { from: 'running', to: 'failed', by: 'worker', when: 'fence equal, no attempt left' },
  retry: { from: 'running', to: 'queued', by: 'worker', when: 'fence equal, an attempt is left' },
  release: {
    from: 'running',
    to: 'queued',
    by: 'worker',
    when: 'fence equal; worker is draining, or no runner was free',
  },
  lose: { from: 'running', to: 'queued', by: 'worker or reconciler', when: 'lease ended, a start is left' },
  stop: { from: 'running', to: 'canceled', by: 'worker', when: 'fence equal, cancel was asked' },
  cancel: { from: 'queued', to: 'canceled', by: 'api', when: 'always' },
  poison: { from: 'running', to: 'failed', by: 'worker or reconciler', when: 'lease ended, no start is left' },
  expire: {
    from: 'queued',
    to: 'failed',
    by: 'worker or reconciler',
    when: 'past its deadline, its model never began',
  },
  abandon: { from: 'running', to: 'canceled', by: 'worker or reconciler', when: 'lease ended, cancel was asked' },
  rerun: { from: 'failed', to: 'queued', by: 'api', when: 'asked by the client' },
} as const satisfies Record<string, Move>
export type MoveName = keyof typeof MOVES

/** True for a final status. Only a rerun that the client asks for leaves one of them, and only `failed`. */
export const isTerminal = (status: JobStatus): boolean =>
  status === 'succeeded' || status === 'failed' || status === 'canceled'

/** True when a move leads from `from` to `to`. */
export const canMove = (from: JobStatus, to: JobStatus): boolean =>
  Object.values<Move>(MOVES).some((move) => move.from === from && move.to === to)
