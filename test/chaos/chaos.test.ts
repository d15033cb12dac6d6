import { expect, it } from 'vitest'
import { PRESETS } from './chaos-options.ts'
import { runChaos } from './run-chaos.ts'

it('loses, doubles and blames nothing while workers, API and Redis are killed and a worker is frozen', async () => {
  const said: string[] = []
  const { offences, evidence } = await runChaos({ ...PRESETS.tiny, seed: 7 }, (line) => said.push(line))
  expect(offences.map(({ invariant, what, job }) => ({ invariant, what, events: job?.events }))).toEqual([])
  expect(evidence.faults).toHaveLength(10)
  expect(evidence.jobs.filter(({ record }) => record.status === 'succeeded')).toHaveLength(298)
}, 120_000)
