import { expect, it } from 'vitest'
import { optionsFor } from './chaos-options.ts'
import { runChaos } from './run-chaos.ts'

it('loses, doubles and blames nothing while all parts are killed, frozen, drained and cut off, and clients cancel', async () => {
  const said: string[] = []
  const { offences, evidence } = await runChaos(optionsFor('tiny', 'server', 7), (line) => said.push(line))
  expect(offences.map(({ invariant, what, job }) => ({ invariant, what, events: job?.events }))).toEqual([])
  expect(evidence.faults).toHaveLength(11)
  const ended = (status: string): number => evidence.jobs.filter(({ record }) => record.status === status).length
  expect(ended('canceled')).toBeGreaterThan(0)
  expect(ended('succeeded') + ended('canceled')).toBe(198)
}, 240_000)

it('fails, blames and doubles nothing while workers are asked to end one after the other', async () => {
  const { offences, evidence } = await runChaos(optionsFor('rollingTiny', 'server', 5), () => undefined)
  expect(offences.map(({ invariant, what, job }) => ({ invariant, what, events: job?.events }))).toEqual([])
  expect(evidence.faults.map(({ kind }) => kind)).toEqual(['drain', 'drain', 'drain', 'drain'])
  expect(evidence.jobs.filter(({ record }) => record.status === 'succeeded')).toHaveLength(100)
  expect(
    evidence.jobs.filter(({ record: { lost, crashes, failures } }) => [lost, crashes, failures].some(Number)),
  ).toEqual([])
}, 120_000)
