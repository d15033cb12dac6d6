/** What is known of the devices that slots name. Called by each worker now and then, for operators. */
import { availableParallelism, totalmem } from 'node:os'
import type { WorkerDevice } from '@millrace/contracts'
import { findGpus, type Gpu } from './find-gpus.ts'

const MIB = 1024 ** 2

type Env = Readonly<Record<string, string | undefined>>

/** `slots`: as parseSlots gives them. A device that the driver does not show is told by its name alone. */
export async function describeDevices(slots: readonly string[], env: Env): Promise<WorkerDevice[]> {
  const devices = [...new Set(slots)]
  const gpus = devices.some((device) => device !== 'cpu') ? ((await findGpus(env)) ?? []) : []
  return devices.map((device) => {
    if (device === 'cpu')
      return { ...bareDevice(device), name: `${availableParallelism()} cores`, memory_bytes: totalmem() }
    const index = indexOf(Number(device.split(':')[1]), gpus, env.CUDA_VISIBLE_DEVICES)
    const gpu = gpus[index]
    return gpu ? toDevice(device, index, gpu) : bareDevice(device)
  })
}

/** Of which nothing is known but how slots call it. */
export const bareDevice = (device: string): WorkerDevice => ({
  ...{ device, index: null, name: null, driver: null },
  ...{ memory_bytes: null, memory_used_bytes: null, utilization: null },
})

const toDevice = (device: string, index: number, gpu: Gpu): WorkerDevice => ({
  ...{ device, index, name: gpu.name, driver: gpu.driver, memory_bytes: gpu.memoryMiB * MIB },
  memory_used_bytes: gpu.usedMiB === undefined ? null : gpu.usedMiB * MIB,
  utilization: gpu.utilization ?? null,
})

/** `cuda:1` is the second of those that this process may see, which are named by number or by how their id begins; the driver counts all. */
function indexOf(own: number, gpus: readonly Gpu[], visible: string | undefined): number {
  if (visible === undefined) return own
  const name = visible.split(',')[own]?.trim() ?? ''
  if (/^\d+$/.test(name)) return Number(name)
  return name === '' ? -1 : gpus.findIndex(({ uuid }) => uuid.startsWith(name))
}
