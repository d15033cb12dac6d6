/** Looks at the evidence of a chaos run and names every offence. Pure; run-chaos.ts calls it. */
import { JOB_STATUSES } from '@millrace/contracts'
import type { Evidence, Offence } from './evidence.ts'
import { judgeJob } from './judge-job.ts'
import { judgeShares } from './judge-shares.ts'
import { judgeUsage } from './judge-usage.ts'
import { judgeWebhooks } from './judge-webhooks.ts'
import { judgeWork } from './judge-work.ts'
import { namedObjects } from './output-and-log.ts'
import { DRAINED_WITHIN_MS } from '../faults/nemesis.ts'
import type { PartEnd } from '../faults/supervised-part.ts'

/** The invariants have the numbers of the plan in the reference, I1 to I12; I13 is about versions, I14 about shares, I15 about usage, I16 about checkpoints. */
export function judge(evidence: Evidence): Offence[] {
  return [
    ...evidence.jobs.flatMap((job) => judgeJob(job, evidence)),
    ...judgeWebhooks(evidence),
    ...judgeShares(evidence.jobs),
    ...judgeUsage(evidence),
    ...judgeWork(evidence),
    ...judgeKeys(evidence),
    ...judgeIndexes(evidence),
    ...judgeObjects(evidence),
    ...judgeEnds(evidence),
    ...judgeFills(evidence),
  ]
}

const wrong = (invariant: string, what: string): Offence => ({ counts: 'wrong', invariant, what })

/** I8: one record per idempotency key, whatever was sent twice or into a crash. */
function judgeKeys({ jobs, recordIds, idempotencyKeys }: Evidence): Offence[] {
  const ids = new Set(jobs.flatMap((job) => job.ids))
  return [
    ...(ids.size === jobs.length ? [] : [wrong('I8', `${jobs.length} keys were given ${ids.size} ids`)]),
    ...(idempotencyKeys === jobs.length ? [] : [wrong('I8', `${idempotencyKeys} of ${jobs.length} keys are kept`)]),
    ...recordIds.filter((id) => !ids.has(id)).map((id) => wrong('I8', `${id} has a record but nobody was told of it`)),
  ]
}

/** I9: nothing is open, waits or is held, and every index says what the records say. */
function judgeIndexes({ jobs, open, waiting, leases, lineCounts, index, counts }: Evidence): Offence[] {
  const offences = [
    ...open.map((id) => wrong('I9', `${id} is still in the open set`)),
    ...waiting.map((id) => wrong('I9', `${id} still waits`)),
    ...leases.map((id) => wrong('I9', `${id} is still leased`)),
    ...Object.entries(lineCounts).flatMap(([line, count]) =>
      count === '0' ? [] : [wrong('I9', `the line ${line} counts ${count} jobs that wait`)],
    ),
  ]
  for (const status of JOB_STATUSES) {
    const recorded = new Set(jobs.filter(({ record }) => record.status === status).map(({ ids }) => ids[0] ?? ''))
    const indexed = new Set(index[status])
    for (const id of indexed)
      if (!recorded.has(id)) offences.push(wrong('I9', `${id} is indexed as ${status} but is not`))
    for (const id of recorded) if (!indexed.has(id)) offences.push(wrong('I9', `${id} is ${status} but not indexed`))
    const counted = Number(counts[status] ?? 0)
    if (['succeeded', 'failed', 'canceled'].includes(status) && counted !== recorded.size) {
      offences.push(wrong('I9', `${counted} jobs are counted as ${status}, and ${recorded.size} are`))
    }
  }
  return offences
}

/** Objects that no record names: leftovers of attempts that did not count. */
export function orphansOf({ jobs, objects }: Evidence): string[] {
  const named = new Set(
    jobs.flatMap(({ files, record }) => [...files.map(({ stored }) => stored.key), ...namedObjects(record)]),
  )
  return objects.filter((key) => !named.has(key))
}

/** I12: a full Redis refuses new work, and everything that it has accepted ends. */
const judgeFills = ({ faults }: Evidence): Offence[] =>
  faults.flatMap(({ full }) => [
    ...(full?.refused === 0 ? [wrong('I12', 'a full Redis took every submit')] : []),
    ...(full && full.open > 0 ? [wrong('I12', `${full.open} jobs did not end while Redis was full`)] : []),
  ])

/** I10: an orphan belongs to a job whose purge will take it, and to an attempt that was started. */
function judgeObjects(evidence: Evidence): Offence[] {
  const fences = new Map(evidence.jobs.map(({ ids, record }) => [ids[0], Number(record.fence ?? 0)]))
  return orphansOf(evidence).flatMap((key) => {
    // Left by a worker that was killed while it moved what a job that has ended left: the purge takes it.
    if (/^jobs\/[^/]+\/[^/]+\/(in|log)\//.test(key)) return []
    // It says which Redis the store belongs to.
    if (key.startsWith('data-set/')) return []
    // A process was killed while it tried whether the store takes and gives.
    if (key.startsWith('trial/')) return []
    const [, id, fence] = /^jobs\/[^/]+\/([^/]+)\/(?:out|checkpoints)\/(\d+)-/.exec(key) ?? []
    if (id === undefined) return [wrong('I10', `the object ${key} is of no attempt`)]
    return Number(fence) <= (fences.get(id) ?? 0) ? [] : [wrong('I10', `the object ${key} is of an attempt to come`)]
  })
}

/** A part that is neither killed nor asked to does not end: not by an outage of Redis, nor by waking up late. */
function judgeEnds({ ends, faults }: Evidence): Offence[] {
  const drains = faults.filter(({ kind }) => kind === 'drain')
  const wasAsked = ({ part, at }: PartEnd): boolean =>
    drains.some((drain) => drain.part === part && at >= drain.from && at <= drain.to)
  return [
    ...ends
      .filter((end) => end.exitCode !== null && !(end.exitCode === 0 && wasAsked(end)))
      .map(({ part, exitCode, lastWords }) =>
        wrong('ends', `${part} ended by itself with code ${exitCode}: ${JSON.stringify(lastWords)}`),
      ),
    ...drains
      .filter(({ from, to }) => to - from >= DRAINED_WITHIN_MS)
      .map(({ part }) => wrong('ends', `${part} did not end when it was asked to`)),
  ]
}
