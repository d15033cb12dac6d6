import { expect, it } from 'vitest'
import type { Tenant } from '../load/plan-chaos.ts'
import { judgeShares, type ShareEvidence } from './judge-shares.ts'

/** A job that was submitted at 0. */
const job = (tenant: Tenant | 'default', started: number): ShareEvidence =>
  ({
    plan: { tenant },
    record: { created_us: '0' },
    events: [{ at: started, event: { type: 'status', status: 'running', attempt: 1 } }],
  }) as unknown as ShareEvidence

/** Forty jobs of each, started in rounds of so many of each tenant, until none is left. */
function startedInRounds(rounds: Readonly<Record<Tenant, number>>): ShareEvidence[] {
  const left = new Map(Object.keys(rounds).map((tenant) => [tenant as Tenant, 40]))
  const jobs: ShareEvidence[] = []
  while (jobs.length < 120) {
    for (const [tenant, count] of left) {
      const now = Math.min(count, rounds[tenant])
      for (let i = 0; i < now; i++) jobs.push(job(tenant, jobs.length + 1))
      left.set(tenant, count - now)
    }
  }
  return jobs
}

/** So many rounds of one each, after the first so many. */
const evenly = (after: number): ShareEvidence[] =>
  Array.from({ length: 90 }, (_, i) => job((['anna', 'bert', 'cleo'] as const)[i % 3]!, after + 1 + i))

it('accepts what the weights give, whatever the default tenant has meanwhile', () => {
  const others = Array.from({ length: 50 }, (_, i) => job('default', i))
  expect(judgeShares([...startedInRounds({ anna: 1, bert: 2, cleo: 5 }), ...others])).toEqual([])
})

it('names tenants that had much more or much less', () => {
  const even = judgeShares(startedInRounds({ anna: 1, bert: 1, cleo: 1 })).map(({ what }) => what)
  expect(even).toEqual([
    'anna had 34 % of 118 starts while all waited, and is due 13 %',
    'cleo had 33 % of 118 starts while all waited, and is due 63 %',
  ])
  const oneByOne = judgeShares(startedInRounds({ anna: 40, bert: 40, cleo: 40 })).map(({ what }) => what)
  expect(oneByOne).toContainEqual('anna had 100 % of 40 starts while all waited, and is due 13 %')
})

it('looks no further than to the first job that was lost: its tenant is charged for as long as it was held', () => {
  const jobs = [...startedInRounds({ anna: 1, bert: 2, cleo: 5 }).slice(0, 40), ...evenly(40)]
  expect(judgeShares(jobs)).not.toEqual([])
  const lost = { at: 40.5, event: { type: 'status', status: 'queued', attempt: 1, reason: 'worker lost' } } as const
  const [first, ...others] = jobs as [ShareEvidence, ...ShareEvidence[]]
  expect(judgeShares([{ ...first, events: [...first.events, lost] as never }, ...others])).toEqual([])
})

it('says nothing about few starts', () => {
  expect(judgeShares([job('anna', 1), job('bert', 2), job('cleo', 3)])).toEqual([])
  expect(judgeShares([])).toEqual([])
})
