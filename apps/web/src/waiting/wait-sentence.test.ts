import type { JobQueue } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { waitSentence } from './wait-sentence.ts'

const NOW = Date.parse('2026-11-29T12:00:00Z')
const queue = (rest: Partial<JobQueue>): JobQueue => ({
  ...{ position: null, ahead: null, eta_seconds: null, why: null, workers: 0, note: null },
  ...rest,
})
type Job = Parameters<typeof waitSentence>[0]
const told = (rest: Partial<JobQueue>, job: Partial<Job> = {}) =>
  waitSentence(
    { status: 'queued', queue: queue(rest), run_at: null, attempts: [], attempt: 0, max_attempts: 3, ...job },
    NOW,
  )
const lost = { outcome: 'worker_lost' } as Job['attempts'][number]

it('says why a job waits in one sentence, with its number', () => {
  expect(told({ why: 'busy', position: 7, ahead: 6, workers: 4, eta_seconds: { p50: 48, p90: 90 } })).toBe(
    '6 jobs are before it; all 4 workers that could run it are busy; it starts in about 48 s, at most 1 min 30 s.',
  )
  expect(told({ why: 'busy', position: 1, ahead: 0, workers: 1 })).toBe('It is next; its one worker is busy.')
  expect(told({ why: 'paused', position: 2 })).toBe('Its model or its version is paused; 1 job is before it.')
  expect(told({ why: 'no_worker', note: 'No worker serves version 2.0.0 now.', position: 1 })).toBe(
    'No worker serves version 2.0.0 now; it is next.',
  )
  expect(told({ why: 'scheduled' }, { run_at: '2026-11-29T12:05:00Z' })).toBe('Its time comes in 5 min.')
  expect(told({ why: 'scheduled' }, { attempts: [lost], attempt: 1 })).toBe('It pauses before try 2 of 3.')
  expect(told({ why: 'suspect' }, { attempts: [lost, lost] })).toBe(
    '2 workers were lost with it, so it waits for one that does nothing else.',
  )
  expect(told({ why: 'tenant_limit' })).toBe('As many of your jobs run as may run at once.')
})

it('says nothing of a job that waits for nothing, and what the server says of a reason that it does not know', () => {
  expect(told({ why: 'busy' }, { status: 'running' })).toBeUndefined()
  expect(told({}, { queue: null })).toBeUndefined()
  expect(told({ why: 'moon' as never, note: 'The moon is full.' })).toBe('The moon is full.')
})
