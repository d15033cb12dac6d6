/** Counts the cores that this process may use. Called where work is spread over all of them. */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'

const CGROUPS = '/sys/fs/cgroup'

/**
 * The smallest of three numbers, rounded down and at least 1: the cores of the machine, the cores that this process is bound
 * to, and the limit of its container or service (`cpu.max` of its cgroup and of each above). Node knows only the first two.
 *
 * @param readText Reads a file of the system. Throws when there is none.
 */
export function availableCores(
  cores = availableParallelism(),
  readText: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): number {
  return Math.max(1, Math.floor(Math.min(cores, ...quotas(readText))))
}

function quotas(readText: (path: string) => string): number[] {
  const read = (path: string): string => {
    try {
      return readText(path)
    } catch {
      return ''
    }
  }
  const own = /^0::(\/.*)$/m.exec(read('/proc/self/cgroup'))?.[1] ?? '/'
  const found: number[] = []
  // Inside a container its own cgroup is the root, whatever the path says.
  for (let path = own; ; path = dirname(path)) {
    const [most, period] = read(join(CGROUPS, path, 'cpu.max')).split(/\s/)
    if (most && period && most !== 'max') found.push(Number(most) / Number(period))
    if (path === '/') break
  }
  // The files of cgroups version 1.
  const [most, period] = ['quota', 'period'].map((what) => Number(read(join(CGROUPS, 'cpu', `cpu.cfs_${what}_us`))))
  if (most && period && most > 0) found.push(most / period)
  return found.filter((quota) => quota > 0)
}
