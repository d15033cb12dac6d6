/** Which GPUs this machine has, as its driver tells. Asked by `millrace doctor` and by a worker that describes itself. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface Gpu {
  name: string
  driver: string
  memoryMiB: number
}

type Env = Readonly<Record<string, string | undefined>>

/** Undefined when there is no working driver. `env`: its PATH is where the driver's program is looked for. */
export async function findGpus(env: Env): Promise<Gpu[] | undefined> {
  const args = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader,nounits']
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', args, { env: { PATH: env.PATH }, timeout: 10_000 })
    const rows = stdout.split('\n').filter((row) => row.trim() !== '')
    return rows.map((row) => {
      const [name = 'GPU', driver = 'unknown', memory = '0'] = row.split(',').map((cell) => cell.trim())
      return { name, driver, memoryMiB: Number(memory) }
    })
  } catch {
    return undefined
  }
}
