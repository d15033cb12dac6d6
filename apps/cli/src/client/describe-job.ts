/** Writes one job for people: how it stands, and each attempt at it. Called by `millrace job`. */
import type { Attempt, Job } from '@millrace/contracts'
import { firstLine } from '../terminal/plain-text.ts'
import { formatSeconds, table } from '../terminal/format.ts'
import { waitingText } from './waiting-text.ts'

export function describeJob(job: Job): string {
  const { id, model, version, created_at, finished_at, purge_at } = job
  const times = [
    `Submitted ${created_at}`,
    ...(finished_at === null ? [] : [`ended ${finished_at}`]),
    ...(purge_at === null ? [] : [`deleted after ${purge_at}`]),
  ]
  return [
    `${id}  ${model} ${version}  ${statusOf(job)}`,
    `${times.join(', ')}.`,
    '',
    job.attempts.length === 0 ? 'No worker has had it yet.' : table([HEAD, ...rowsOf(job.attempts)]),
  ].join('\n')
}

function statusOf({ status, queue, progress, error, cancel_requested }: Job): string {
  if (status === 'queued' && queue) return `queued${waitingText(queue)}`
  if (status === 'running' && cancel_requested) return 'running, asked to stop'
  if (status === 'running' && progress) return `running, ${Math.round(progress.fraction * 100)} %`
  return error ? `${status}: ${error.code}: ${firstLine(error.message)}` : status
}

const HEAD = ['ATTEMPT', 'WORKER', 'VERSION', 'DEVICE', 'GIVEN', 'QUEUED', 'RAN', 'OUTCOME']

/** Of very many attempts the ones in the middle are not kept: a line says so. */
function rowsOf(attempts: readonly Attempt[]): string[][] {
  let number = 0
  return attempts.flatMap((attempt) => {
    const isNext = attempt.number === null || attempt.number === number + 1
    number = attempt.number ?? number
    return isNext ? [rowOf(attempt)] : [['…'], rowOf(attempt)]
  })
}

const rowOf = ({ number, worker, version, device, claimed_at, ...rest }: Attempt): string[] => [
  ...[number === null ? '-' : String(number), worker ?? '', version ?? '', device ?? '', claimed_at ?? ''],
  ...[secondsOf(rest.queue_seconds), secondsOf(rest.run_seconds), outcomeOf(rest)],
]

const secondsOf = (seconds: number | null): string => (seconds === null ? '' : formatSeconds(seconds))

function outcomeOf({ outcome, error, resumed }: Pick<Attempt, 'outcome' | 'error' | 'resumed'>): string {
  const words = `${resumed ? 'resumed, ' : ''}${outcome.replace('_', ' ')}`
  return error === null || error === outcome ? words : `${words}: ${error}`
}
