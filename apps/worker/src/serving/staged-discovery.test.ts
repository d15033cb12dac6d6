import type { Stage } from '@millrace/host'
import { expect, test } from 'vitest'
import { StagedDiscovery } from './staged-discovery.ts'

/** Models of which some are left to a later stage until `last`; `refresh` looks, as a worker does. */
function aDiscovery(last: Stage) {
  const stages: Stage[] = []
  const discovery = new StagedDiscovery({
    async look(stage) {
      stages.push(stage)
      const later = stage < last ? [{ label: 'py', name: 'py' }] : []
      return { models: [], more: later.length > 0, later }
    },
  })
  const worker = { whenReady: async () => undefined, refresh: async () => void (await discovery.discover()) }
  return { discovery, stages, worker }
}

test.each([
  [0, [0]],
  [1, [0, 1]],
  [2, [0, 1, 2]],
] as const)(
  'a start whose last models come at stage %i looks no further, and every later look sees all',
  async (last, stages) => {
    const start = aDiscovery(last)
    await start.discovery.discover()
    await start.discovery.beginRest(start.worker)
    expect(start.stages).toEqual(stages)
    await start.discovery.discover()
    expect(start.stages.at(-1)).toBe(2)
  },
)

test('models that are left to a later stage are known before they begin', async () => {
  const { discovery, worker } = aDiscovery(1)
  await discovery.discover()
  expect(discovery.later).toEqual([{ label: 'py', name: 'py' }])
  await discovery.beginRest(worker)
  expect(discovery.later).toEqual([])
})

test('a look that failed at the start leaves later looks whole', async () => {
  const { discovery, stages, worker } = aDiscovery(2)
  await discovery.discover()
  const refresh = () => Promise.reject(new Error('the folder is away'))
  await expect(discovery.beginRest({ ...worker, refresh })).rejects.toThrow('the folder is away')
  await discovery.discover()
  expect(stages).toEqual([0, 2])
})
