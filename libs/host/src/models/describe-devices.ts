/** What is known of the devices that slots name. Called once by each worker, for operators. */
import { availableParallelism, totalmem } from 'node:os'
import type { WorkerDevice } from '@millrace/contracts'
import { findGpus } from './find-gpus.ts'

const MIB = 1024 ** 2

/** `slots`: as parseSlots gives them. A device that the driver does not show is told by its name alone. */
export async function describeDevices(
  slots: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<WorkerDevice[]> {
  const devices = [...new Set(slots)]
  const gpus = devices.some((device) => device !== 'cpu') ? ((await findGpus(env)) ?? []) : []
  // `cuda:1` is the second of those that this process may see, and the driver counts all.
  const visible = env.CUDA_VISIBLE_DEVICES?.split(',').map((part) => part.trim())
  return devices.map((device) => {
    if (device === 'cpu')
      return { device, index: null, name: `${availableParallelism()} cores`, memory_bytes: totalmem() }
    const own = Number(device.split(':')[1])
    const index = visible === undefined ? own : Number(visible[own] ?? Number.NaN)
    const gpu = gpus[index]
    if (!gpu) return { device, index: null, name: null, memory_bytes: null }
    return { device, index, name: gpu.name, memory_bytes: gpu.memoryMiB * MIB }
  })
}
