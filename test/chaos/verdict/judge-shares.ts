/** What must hold between the tenants of a chaos run. Pure; called by judge.ts. */
import { TENANT_WEIGHTS, type Tenant } from '../load/plan-chaos.ts'
import type { JobEvidence, Offence } from './evidence.ts'

export type ShareEvidence = Pick<JobEvidence, 'plan' | 'record' | 'events'>

/** Fewer starts say nothing: the machine was so fast that nobody had to wait. */
const LEAST_STARTS = 25
/** Of all starts. Faults and jobs that are in hand at both ends move a share, but not this far. */
const TOLERATED = 0.2

/** I14: while jobs of all tenants wait in one line, each tenant has the part of the starts that its weight gives it. */
export function judgeShares(jobs: readonly ShareEvidence[]): Offence[] {
  const starts = backlogStarts(jobs)
  if (starts.length < LEAST_STARTS) return []
  const all = Object.values(TENANT_WEIGHTS).reduce((sum, weight) => sum + weight, 0)
  return Object.entries(TENANT_WEIGHTS).flatMap(([tenant, weight]) => {
    const share = starts.filter((one) => one === tenant).length / starts.length
    if (Math.abs(share - weight / all) <= TOLERATED) return []
    const what = `${tenant} had ${percent(share)} of ${starts.length} starts while all waited, and is due ${percent(weight / all)}`
    return [{ counts: 'wrong' as const, invariant: 'I14', what }]
  })
}

/** What a job that was lost is charged is worth many starts of others: from then on starts say nothing. */
const LOST: readonly (string | undefined)[] = ['worker lost', 'worker_lost']

/**
 * Whose each first start was, from when all had all their jobs in the line until the first had none left in it, or lost one with
 * its worker.
 */
export function backlogStarts(jobs: readonly ShareEvidence[]): Tenant[] {
  const waited = jobs.flatMap(({ plan: { tenant }, record, events }) => {
    const moves = events.flatMap(({ at, event }) => (event.type === 'status' ? [{ at, ...event }] : []))
    const start = moves.find(({ status }) => status === 'running')
    const lost = moves.find(({ reason }) => LOST.includes(reason))
    return tenant === 'default' || !start
      ? []
      : [{ tenant, created: Number(record.created_us) / 1000, started: start.at, lost: lost?.at ?? Infinity }]
  })
  const from = Math.max(...waited.map(({ created }) => created))
  const lasts = Object.keys(TENANT_WEIGHTS).map((tenant) =>
    Math.max(...waited.filter((one) => one.tenant === tenant).map(({ started }) => started)),
  )
  const to = Math.min(...lasts, ...waited.map(({ lost }) => lost))
  return waited.filter(({ started }) => started >= from && started <= to).map(({ tenant }) => tenant)
}

const percent = (share: number): string => `${Math.round(share * 100)} %`
