import { expect, it } from 'vitest'
import { planJobs } from '../load/plan-chaos.ts'
import { seededRandom } from '../load/seeded-random.ts'
import { optionsFor } from '../chaos-options.ts'
import { versionFaults } from './version-faults.ts'

const [planned] = planJobs(optionsFor('tiny', 'server', 1), seededRandom(1))
const pinned = { ...planned!, version: '1.0.0' as const }
const free = { ...planned!, version: null }
const succeededOn = (version: string, said = version) => ({
  record: { status: 'succeeded', version },
  output: JSON.stringify({ version: said }),
})

it('accepts what ran where it was to run', () => {
  expect(versionFaults({ plan: pinned, acceptedBy: '1.0.0', ...succeededOn('1.0.0') })).toEqual([])
  expect(versionFaults({ plan: free, acceptedBy: '2.0.0', ...succeededOn('2.0.0') })).toEqual([])
  expect(
    versionFaults({
      plan: pinned,
      acceptedBy: '1.0.0',
      record: { status: 'canceled', version: '1.0.0' },
      output: undefined,
    }),
  ).toEqual([])
})

it('names a pinned job that ran on another version, whether the record or the output says so', () => {
  const what = 'it ran on 2.0.0 and is pinned to 1.0.0'
  expect(versionFaults({ plan: pinned, acceptedBy: '1.0.0', ...succeededOn('2.0.0') })).toEqual([what])
  expect(versionFaults({ plan: pinned, acceptedBy: '1.0.0', ...succeededOn('1.0.0', '2.0.0') })).toEqual([what])
})

it('names a job that ran on a contract which did not accept it', () => {
  expect(versionFaults({ plan: free, acceptedBy: '2.0.0', ...succeededOn('1.0.0') })).toEqual([
    'it ran on 1.0.0, whose contract is not that of 2.0.0, which accepted it',
  ])
})
