/** CPU time that processes have used, from their own accounting: steadier than wall time on a shared machine. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'

/** Linux counts in hundredths of a second, whatever its own timer does. */
export const TICKS_PER_SECOND = 100

/** Seconds of CPU, user and system, that a process has used since its start. Linux only. */
export function processCpuSeconds(pid: number): number {
  const fields = statOf(pid)
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/**
 * Seconds of CPU of a process, of all that it has started and that ended, and of all that it has started and that still run,
 * but for those that are counted `apart`. One that ends meanwhile is counted by whoever waited for it. 0 when it is gone.
 */
export function familyCpuSeconds(pid: number, apart: ReadonlySet<number> = new Set()): number {
  try {
    const own =
      statOf(pid)
        .slice(11, 15)
        .reduce((sum, field) => sum + Number(field), 0) / TICKS_PER_SECOND
    const children = childrenOf(pid).filter((child) => !apart.has(child))
    return children.reduce((sum, child) => sum + familyCpuSeconds(child, apart), own)
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0
    throw error
  }
}

/** What `/proc` says of a process, behind its name. The name may hold anything, brackets too; what follows the last is fixed. */
const statOf = (pid: number): string[] => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []

/** Processes that a process has started itself, whichever of its threads did. Linux only. */
export function childrenOf(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`)
  const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'))
  return lists.flatMap((list) => list.split(' ').filter((text) => text.trim() !== '')).map(Number)
}

/** Those, and what they have started in turn. Linux only. */
export function descendantsOf(pid: number): number[] {
  try {
    return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)])
  } catch {
    // Gone meanwhile.
    return []
  }
}

/** Resident memory of a process in megabytes (10^6 bytes). */
export function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return (Number(kilobytes) * 1024) / 1e6
}

/** Memory of processes in megabytes (10^6 bytes), what they share counted once. Linux only. */
export function proportionalMegabytes(pids: readonly number[]): number {
  const sizes = pids.map((pid) => /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1])
  return (sizes.reduce((sum, kilobytes) => sum + Number(kilobytes), 0) * 1024) / 1e6
}

/** Seconds of CPU that a Redis has used, as it says itself. */
export async function redisCpuSeconds(redis: Redis): Promise<number> {
  const info = await redis.info('cpu')
  const used = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1])
  return used('used_cpu_user') + used('used_cpu_sys')
}
