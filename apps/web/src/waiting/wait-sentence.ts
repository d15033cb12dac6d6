/** Why a job does not run yet, in one sentence with its number. Called by the screen of a job and the list of jobs. */
import type { Job } from '@millrace/contracts'
import { words } from '../words/words.ts'
import { durationText } from '../parts/duration-text.ts'

type Waiting = Pick<Job, 'status' | 'queue' | 'run_at' | 'attempts' | 'attempt' | 'max_attempts'>

/** Undefined for a job that waits for nothing, and where nobody knows. `nowMs`: by the clock of the server. */
export function waitSentence(job: Waiting, nowMs: number): string | undefined {
  const { status, queue } = job
  if (status !== 'queued' || !queue) return undefined
  const parts = [reasonOf(job, nowMs), placeOf(job), busyOf(job), etaOf(job)].filter((part) => part !== undefined)
  const sentence = parts.join('; ')
  return sentence === '' ? undefined : `${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)}.`
}

function reasonOf({ queue, run_at, attempts, attempt, max_attempts }: Waiting, nowMs: number): string | undefined {
  const why = queue?.why ?? null
  if (why === null || why === 'busy') return undefined
  if (why === 'no_worker') return queue?.note?.replace(/\.$/, '') ?? words.job.wait.noWorker
  if (why === 'suspect') {
    return words.job.wait.suspect(Math.max(1, attempts.filter(({ outcome }) => outcome === 'worker_lost').length))
  }
  if (why === 'scheduled') {
    if (attempts.length > 0) return words.job.wait.again(attempt + 1, max_attempts)
    const inMs = run_at === null ? 0 : Date.parse(run_at) - nowMs
    return inMs > 1000 ? words.job.wait.runAt(durationText(inMs)) : words.job.wait.soon
  }
  // A word that this page does not know yet comes with a sentence of the server.
  return words.job.wait[why] ?? queue?.note?.replace(/\.$/, '')
}

function placeOf({ queue }: Waiting): string | undefined {
  const { position = null, ahead = null } = queue ?? {}
  if (position === null) return undefined
  const before = ahead ?? position - 1
  return before === 0 ? words.job.wait.next : words.job.wait.ahead(before)
}

function busyOf({ queue }: Waiting): string | undefined {
  if (queue?.why !== 'busy') return undefined
  return queue.workers > 0 ? words.job.wait.busy(queue.workers) : words.job.wait.busyHere
}

function etaOf({ queue }: Waiting): string | undefined {
  const eta = queue?.eta_seconds
  return eta ? words.job.wait.eta(durationText(eta.p50 * 1000), durationText(eta.p90 * 1000)) : undefined
}
