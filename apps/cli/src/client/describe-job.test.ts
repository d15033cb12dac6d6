import type { Attempt, Job } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { describeJob } from './describe-job.ts'

const attempt = (number: number | null, more: Partial<Attempt>): Attempt => ({
  ...{ number, worker: 'w-1', version: '1.4.0', device: 'cuda:0', claimed_at: '2026-11-29T10:00:00.000Z' },
  ...{
    started_at: null,
    ended_at: null,
    queue_seconds: 0.4,
    fetch_seconds: null,
    run_seconds: null,
    outcome: 'running',
    resumed: false,
    error: null,
  },
  ...more,
})

const jobWith = (more: Partial<Job>): Job =>
  ({
    ...{ id: 'job_a', model: 'ocr', version: '1.4.0', status: 'queued', queue: null, progress: null, error: null },
    ...{ cancel_requested: false, created_at: '2026-11-29T09:59:59.000Z', finished_at: null, purge_at: null },
    ...{ attempts: [], ...more },
  }) as Job

it('tells how a job ended, and of each attempt who had it, for how long, and what became of it', () => {
  const error = { code: 'model_error', message: 'no text\nat line 3', retryable: true, attempt: 2 }
  const attempts = [
    attempt(1, { outcome: 'worker_lost', error: 'worker_lost' }),
    attempt(null, { outcome: 'released', worker: 'w-22', device: null }),
    attempt(2, { outcome: 'failed', error: 'model_error', run_seconds: 75 }),
  ]
  const ended = { finished_at: '2026-11-29T10:02:00.000Z', purge_at: '2026-11-30T10:02:00.000Z' }
  expect(describeJob(jobWith({ status: 'failed', error, attempts, ...ended } as never))).toBe(
    [
      'job_a  ocr 1.4.0  failed: model_error: no text',
      'Submitted 2026-11-29T09:59:59.000Z, ended 2026-11-29T10:02:00.000Z, deleted after 2026-11-30T10:02:00.000Z.',
      '',
      'ATTEMPT  WORKER  VERSION  DEVICE  GIVEN                     QUEUED  RAN    OUTCOME',
      '1        w-1     1.4.0    cuda:0  2026-11-29T10:00:00.000Z  0.4 s          worker lost',
      '-        w-22    1.4.0            2026-11-29T10:00:00.000Z  0.4 s          released',
      '2        w-1     1.4.0    cuda:0  2026-11-29T10:00:00.000Z  0.4 s   1 min  failed: model_error',
    ].join('\n'),
  )
})

it('shows where attempts in the middle are not kept', () => {
  const attempts = [1, 2, 40, 41].map((number) => attempt(number, { outcome: 'failed' }))
  const lines = describeJob(jobWith({ attempts })).split('\n').slice(4)
  expect(lines.map((line) => line.split(' ', 1)[0])).toEqual(['1', '2', '…', '40', '41'])
})

it('tells of a job that waits or runs what is known now', () => {
  const queue = { position: 3, ahead: 2, eta_seconds: { p50: 8, p90: 20 }, why: 'busy', note: null }
  expect(describeJob(jobWith({ queue } as never))).toContain(
    'queued, place 3 in line, starts in about 8 s, at most 20 s',
  )
  expect(describeJob(jobWith({}))).toContain('No worker has had it yet.')
  const progress = { fraction: 0.5, message: null }
  const running: Partial<Job> = { status: 'running', attempts: [attempt(1, {})], progress }
  expect(describeJob(jobWith(running))).toMatch(/running, 50 %.*\n.*\n\n.*\n1 .* running$/s)
  expect(describeJob(jobWith({ ...running, cancel_requested: true }))).toContain('running, asked to stop')
})
