/** Which GPUs this machine has, as its driver tells. Asked by `millrace doctor` and by a worker that describes itself. */
import { execFile } from 'node:child_process'

export interface Gpu {
  uuid: string
  name: string
  driver: string
  memoryMiB: number
  /** Of all processes; undefined where the driver does not tell it. */
  usedMiB: number | undefined
  /** Part of the time in which it worked, from 0 to 1; undefined likewise. */
  utilization: number | undefined
}

type Env = Readonly<Record<string, string | undefined>>

const COLUMNS = ['uuid', 'name', 'driver_version', 'memory.total', 'memory.used', 'utilization.gpu']
const PATIENCE_MS = 10_000

/**
 * Undefined when there is no working driver, or none that answers within 10 s. `env`: its PATH is where the driver's program is looked
 * for. `patienceMs`: for a test.
 */
export async function findGpus(env: Env, patienceMs = PATIENCE_MS): Promise<Gpu[] | undefined> {
  const text = await askDriver(env, patienceMs)
  return text
    ?.split('\n')
    .filter((row) => row.trim() !== '')
    .map(toGpu)
}

/** Resolves in time whatever the driver does: a process that hangs in it cannot even be killed. */
function askDriver(env: Env, patienceMs: number): Promise<string | undefined> {
  const args = [`--query-gpu=${COLUMNS.join(',')}`, '--format=csv,noheader,nounits']
  return new Promise((resolve) => {
    const child = execFile('nvidia-smi', args, { env: { PATH: env.PATH } }, (error, stdout) => {
      clearTimeout(timer)
      resolve(error ? undefined : stdout)
    })
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      child.stdout?.destroy()
      child.stderr?.destroy()
      child.unref()
      resolve(undefined)
    }, patienceMs)
  })
}

function toGpu(row: string): Gpu {
  const [uuid = '', name = 'GPU', driver = 'unknown', memory = '0', used, utilization] = row
    .split(',')
    .map((cell) => cell.trim())
  const percent = toNumber(utilization)
  return {
    ...{ uuid, name, driver, memoryMiB: toNumber(memory) ?? 0, usedMiB: toNumber(used) },
    utilization: percent === undefined ? undefined : Math.min(1, percent / 100),
  }
}

/** What a device does not tell is `[N/A]`. */
function toNumber(cell: string | undefined): number | undefined {
  return cell !== undefined && /^\d+(\.\d+)?$/.test(cell) ? Number(cell) : undefined
}
