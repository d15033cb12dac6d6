import type { WorkerDevice } from '@millrace/contracts'
import { bareDevice } from '@millrace/host'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import { DeviceWatch } from './device-watch.ts'

/** A watch of one GPU, of which the test says what the driver tells. Started. */
async function aWatch(look: () => Promise<WorkerDevice[]>) {
  const faults: unknown[] = []
  const watch = new DeviceWatch({
    ...{ devices: ['cuda:0', 'cuda:0'], look, everyMs: 5 },
    logFault: (_message, error) => void faults.push(error),
  })
  onTestFinished(() => watch.stop(0))
  await watch.start()
  return { watch, faults }
}

const gpu = (used: number): WorkerDevice => ({
  ...bareDevice('cuda:0'),
  ...{ index: 0, name: 'L4', memory_bytes: 100, memory_used_bytes: used, utilization: 0.5 },
})

test('it looks again and again, and keeps what a device is when its driver does not answer', async () => {
  let [used, looks] = [1, 0]
  const { watch } = await aWatch(async () => {
    looks++
    return [used < 3 ? gpu(used) : bareDevice('cuda:0')]
  })
  expect(watch.known).toEqual([bareDevice('cuda:0')])
  await until('it is known', () => watch.known[0]?.memory_used_bytes === 1)
  used = 2
  await until('it is known anew', () => watch.known[0]?.memory_used_bytes === 2)
  used = 3
  await until('it is not known any more', () => watch.known[0]?.memory_used_bytes === null)
  expect(watch.known).toEqual([{ ...gpu(0), memory_used_bytes: null, utilization: null }])
  // From then on it looks seldom.
  expect(looks).toBeGreaterThan(2)
})

test('a look that fails is told, and nothing else happens', async () => {
  const { watch, faults } = await aWatch(async () => {
    throw new TypeError('planted')
  })
  await until('it is told', () => faults.length === 1)
  expect(watch.known).toEqual([bareDevice('cuda:0')])
})
