/** What must hold for each job of a chaos run. Pure; called by judge.ts. */
import { createHash } from 'node:crypto'
import { canMove, isTerminal, type JobError, type JobStatus, LIMITS } from '@millrace/contracts'
import type { Evidence, JobEvidence, Offence } from './evidence.ts'
import { cancelFaults } from './cancel-faults.ts'
import { versionFaults } from './version-faults.ts'
import { answerOf, fileOf, padOf } from '../load/expected-answer.ts'
import { blameFaults, releasesOf, type StatusEvent, startFaults, startsOf, statusEventsOf } from './judge-starts.ts'

export function judgeJob(job: JobEvidence, evidence: Evidence): Offence[] {
  const offence = (counts: Offence['counts'], invariant: string, what: string): Offence[] => [
    { counts, invariant, what, job },
  ]
  const status = job.record.status as JobStatus | undefined
  if (status === undefined) return offence('lost', 'I1', 'it was accepted but has no record')
  if (!isTerminal(status)) return offence('lost', 'I2', `it is ${status} long after the last fault`)
  const told = statusEventsOf(job)
  const commits = told.filter((event) => isTerminal(event.status)).length
  return [
    ...(commits === 1 ? [] : offence('duplicated', 'I4', `it ended ${commits} times`)),
    ...movesOf(told).flatMap((what) => offence('wrong', 'I4', what)),
    ...(told.at(-1)?.status === status ? [] : offence('wrong', 'I4', `its last event is not ${status}`)),
    ...(status === 'succeeded' ? answerFaults(job).flatMap((what) => offence('wrong', 'I3', what)) : []),
    ...(job.record.checkpoint ? offence('wrong', 'I16', 'it has a checkpoint after its end') : []),
    ...versionFaults(job).flatMap((what) => offence('wrong', 'I13', what)),
    ...cancelFaults(job).flatMap((what) => offence('wrong', 'I6', what)),
    ...judgeBlame(job, offence),
    ...blameFaults(job).flatMap((what) => offence('wrong', 'I5', what)),
    ...startFaults(job, evidence).flatMap((what) => offence('wrong', 'I11', what)),
  ]
}

function movesOf(told: StatusEvent[]): string[] {
  if (told[0]?.status !== 'queued') return ['its first event is not queued']
  return told.slice(1).flatMap((event, i) => {
    const from = told[i]!.status
    return canMove(from, event.status) ? [] : [`it moved from ${from} to ${event.status}`]
  })
}

interface Output {
  n: number
  answer: string
  pad: string
  attempt: number
  nonce: string
}

/** I3: the output is f(input), made by the very attempt that was committed, and its file is whole and of the same run. */
function answerFaults({ plan, record, output: text, files }: JobEvidence): string[] {
  const { n, bytes, pad } = plan.input
  if (text === undefined) return ['its output is not there']
  const output = JSON.parse(text) as Output
  const faults: string[] = []
  if (output.n !== n || output.answer !== answerOf(n) || output.pad !== padOf(n, pad))
    faults.push('its output is not f(input)')
  if (output.attempt !== Number(record.fence ?? 0)) {
    faults.push(`its output is of attempt ${output.attempt}, committed was ${record.fence}`)
  }
  if (files.length !== (bytes === 0 ? 0 : 1)) return [...faults, `its output holds ${files.length} files`]
  for (const { stored, bytes: found } of files) {
    if (found === undefined) faults.push('its file is not there')
    else if (sha256(found) !== stored.sha256) faults.push(`its file is not what the record says: ${headOf(found)}`)
    else if (!found.equals(fileOf(output, bytes))) faults.push(`its file is of another run: ${headOf(found)}`)
  }
  return faults
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
const headOf = (bytes: Buffer): string => bytes.toString('utf8').split('\n', 1)[0]!.slice(0, 120)

type Accuse = (counts: Offence['counts'], invariant: string, what: string) => Offence[]

/** I5: the poison jobs fail, by the law of three starts, and nobody else does. */
function judgeBlame(job: JobEvidence, offence: Accuse): Offence[] {
  const { status, error } = job.record
  if (job.plan.input.poison === 'none') {
    return status === 'failed' ? offence('innocent', 'I5', `it failed: ${error}`) : []
  }
  if (status !== 'failed') return offence('wrong', 'I5', `it is poison but ${status}`)
  const { code } = JSON.parse(error || '{}') as Partial<JobError>
  const starts = startsOf(job) - releasesOf(job)
  return [
    ...(code === 'runner_crashed' || code === 'worker_lost' ? [] : offence('wrong', 'I5', `it failed with ${code}`)),
    ...(starts === LIMITS.crashes ? [] : offence('wrong', 'I5', `it is poison and was started ${starts} times`)),
  ]
}
