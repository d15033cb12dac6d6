/** Says how a chaos run ended; its last line is the figure. Called by main.ts. */
import { TENANTS } from './load/plan-chaos.ts'
import type { JobEvidence, Offence } from './verdict/evidence.ts'
import { backlogStarts } from './verdict/judge-shares.ts'
import { orphansOf } from './verdict/judge.ts'
import { recoveriesOf, startsOf } from './verdict/judge-starts.ts'
import { workOf } from './verdict/judge-work.ts'
import { tally } from './faults/tally.ts'
import type { ChaosResult } from './run-chaos.ts'

const SHOWN = 5

export function printReport({ offences, evidence, seconds, folder }: ChaosResult, say: (line: string) => void): void {
  const { jobs, ends, faults } = evidence
  const starts = jobs.reduce((sum, job) => sum + startsOf(job), 0)
  const poison = jobs.filter(({ plan }) => plan.input.poison !== 'none').length
  const selfKills = ends.filter(({ exitCode }) => exitCode === null).length - faults.filter(isKill).length
  const canceled = jobs.filter(({ record }) => record.status === 'canceled').length
  say(`${jobs.filter(({ cancel }) => cancel).length} were canceled by their client, ${canceled} of them in time`)
  say(`${starts} starts of ${jobs.length} jobs, ${poison} of them poison; ${selfKills} workers killed by their jobs`)
  const recoveries = recoveriesOf(jobs).map((ms) => (ms / 1000).toFixed(1))
  const [median, longest] = [recoveries[Math.floor(recoveries.length / 2)], recoveries.at(-1)]
  if (longest !== undefined)
    say(`a start that was lost was followed by the next within ${median} s (median), ${longest} s (longest)`)
  const { done, needed } = workOf(jobs)
  say(`${needed} steps with checkpoints took ${done}`)
  const refused = evidence.webhooks.length - new Set(evidence.webhooks.map(({ id }) => id)).size
  say(`${evidence.webhooks.length} webhooks came, ${refused} of them again`)
  say(`while all tenants waited they had ${startsByTenant(jobs)} of the starts`)
  const fills = faults.flatMap(({ full }) => full ?? [])
  const unwelcome = fills.reduce((sum, full) => sum + (full.refused ?? 0), 0)
  say(`${unwelcome} submits were refused while Redis was full`)
  say(`${orphansOf(evidence).length} of ${evidence.objects.length} objects are orphans`)
  for (const offence of offences.slice(0, SHOWN)) sayOffence(offence, say)
  if (offences.length > SHOWN) say(`and ${offences.length - SHOWN} more: ${byInvariant(offences)}`)
  if (offences.length > 0) say(`Redis' data, the objects, logs and faults.json are kept in ${folder}`)
  // Of jobs, however many ways each went wrong; what concerns no single job counts by itself.
  const count = (counts: Offence['counts']): number =>
    new Set(offences.filter((one) => one.counts === counts).map((one) => one.job ?? one)).size
  const missing = count('undelivered')
  const webhooks = missing === 0 ? 'all webhooks delivered' : `${missing} webhooks missing`
  say(
    `${jobs.length} jobs, ${tally(faults)}: ${count('lost')} lost, ${count('wrong')} wrong, ` +
      `${count('duplicated')} duplicated commits, ${count('innocent')} innocents failed, ${webhooks}, ${Math.round(seconds)} s`,
  )
}

function startsByTenant(jobs: readonly JobEvidence[]): string {
  const starts = backlogStarts(jobs)
  return TENANTS.map((tenant) => `${tenant} ${starts.filter((one) => one === tenant).length}`).join(', ')
}

const isKill = ({ kind }: { kind: string }): boolean => kind === 'kill-worker' || kind === 'kill-api'

function sayOffence({ invariant, what, job }: Offence, say: (line: string) => void): void {
  say(`${invariant}: ${job ? `job ${job.plan.n} ${job.ids[0]}: ` : ''}${what}`)
  for (const { at, event } of job?.events ?? []) say(`    ${new Date(at).toISOString()} ${JSON.stringify(event)}`)
}

function byInvariant(offences: Offence[]): string {
  const sums = new Map<string, number>()
  for (const { invariant } of offences) sums.set(invariant, (sums.get(invariant) ?? 0) + 1)
  return [...sums].map(([invariant, sum]) => `${sum} of ${invariant}`).join(', ')
}
