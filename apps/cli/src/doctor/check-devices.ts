/** Checks that the devices that MILLRACE_SLOTS names exist. Called by run-checks.ts. */
import { findGpus } from '@millrace/host'
import { fail, type Finding, ok, warn } from './finding.ts'

export interface DeviceCheck {
  findings: Finding[]
  /** The slots whose device exists. */
  present: string[]
}

interface DeviceOptions {
  /** The slots, as parseSlots returns them. */
  slots: readonly string[]
  /** Two variables matter: PATH, and CUDA_VISIBLE_DEVICES when the process may not use all devices. */
  env: Readonly<Record<string, string | undefined>>
}

export async function checkDevices({ slots, env }: DeviceOptions): Promise<DeviceCheck> {
  const wanted = [...new Set(slots)].filter((slot) => slot !== 'cpu')
  const gpus = await findGpus(env)
  if (gpus === undefined) return withoutDriver(slots, wanted)
  const visible = env.CUDA_VISIBLE_DEVICES
  const count = visible === undefined ? gpus.length : visible.split(',').filter((part) => part.trim() !== '').length
  const missing = wanted.filter((slot) => Number(slot.split(':')[1]) >= count)
  const findings = gpus.map(({ name, driver, memoryMiB }, index) =>
    ok('gpu', `GPU ${index} is a ${name} with ${Math.round(memoryMiB / 1024)} GiB, driver ${driver}.`),
  )
  for (const slot of missing) {
    const hidden = count < gpus.length ? ` (CUDA_VISIBLE_DEVICES=${visible})` : ''
    const message = `MILLRACE_SLOTS names ${slot}, but this process sees ${count} GPU${count === 1 ? '' : 's'}${hidden}.`
    findings.push(fail('gpu', message, 'Correct MILLRACE_SLOTS; devices are counted from cuda:0.'))
  }
  if (wanted.length === 0) {
    findings.push(warn('gpu', 'There is a GPU, but no slot uses it.', 'Set MILLRACE_SLOTS=cuda:0 if models should.'))
  }
  return { findings, present: slots.filter((slot) => !missing.includes(slot)) }
}

function withoutDriver(slots: readonly string[], wanted: string[]): DeviceCheck {
  const findings = wanted.map((slot) =>
    fail(
      'gpu',
      `MILLRACE_SLOTS names ${slot}, but no GPU was found: nvidia-smi is not there or does not work.`,
      'Install the NVIDIA driver (in a container: start it with --gpus), or set MILLRACE_SLOTS=cpu.',
    ),
  )
  return {
    findings: findings.length > 0 ? findings : [ok('gpu', 'No slot needs a GPU, and none was found.')],
    present: slots.filter((slot) => slot === 'cpu'),
  }
}
