import { expect, onTestFinished, test } from 'vitest'
import { describeLifecycle } from '../../../../../libs/async/src/lifecycle/lifecycle.suite.ts'
import { until } from '../../../../../test/support/until.ts'
import { Tending } from './tending.ts'

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

test('runners that are down are told once, and who waits for them is sent away after a while', async () => {
  const said: object[] = []
  const runners = { ready: 1, sentAway: 0 }
  const shows: boolean[] = []
  const tending = new Tending({
    model: 'echo',
    slots: { readyCount: () => runners.ready, turnAway: () => runners.sentAway++ },
    source: { adjust: async () => undefined },
    presence: { show: () => void shows.push(true), hide: () => void shows.push(false) },
    logger: { ...logger, warn: (fields) => void said.push(fields) },
    logFault: () => undefined,
    tendMs: 5,
    strandedMs: 50,
  })
  onTestFinished(() => tending.stop(0))
  await tending.start()
  await until('it shows', () => shows.at(-1) === true)
  expect(runners.sentAway).toBe(0)
  runners.ready = 0
  const begun = performance.now()
  await until('they are sent away again and again', () => runners.sentAway >= 2)
  expect(performance.now() - begun).toBeGreaterThanOrEqual(50)
  expect([said, shows.at(-1)]).toEqual([[{ model: 'echo' }], false])
  runners.ready = 1
  await until('it shows again', () => shows.at(-1) === true)
  runners.ready = 0
  await until('it is told again', () => said.length === 2)
})

describeLifecycle('the tending of a model', ({ work, onFault }) => ({
  part: new Tending({
    model: 'echo',
    slots: { readyCount: () => 1, turnAway: () => undefined },
    source: { adjust: work },
    presence: { show: () => undefined, hide: () => undefined },
    logger,
    logFault: (_message, error) => onFault(error),
    tendMs: 1000,
  }),
  everyMs: 1000,
}))
