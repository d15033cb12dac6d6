/** CPU time that processes have used, from their own accounting: steadier than wall time on a shared machine. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'

/** Linux counts in hundredths of a second, whatever its own timer does. */
const TICKS_PER_SECOND = 100

/** Seconds of CPU, user and system, that a process has used since its start. Linux only. */
export function processCpuSeconds(pid: number): number {
  // The name may hold anything, brackets too; what follows the last one is fixed.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Processes that a process has started itself, whichever of its threads did. Linux only. */
export function childrenOf(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`)
  const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'))
  return lists.flatMap((list) => list.split(' ').filter((text) => text.trim() !== '')).map(Number)
}

/** Resident memory of a process in megabytes (10^6 bytes). */
export function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return (Number(kilobytes) * 1024) / 1e6
}

/** Seconds of CPU that a Redis has used, as it says itself. */
export async function redisCpuSeconds(redis: Redis): Promise<number> {
  const info = await redis.info('cpu')
  const used = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1])
  return used('used_cpu_user') + used('used_cpu_sys')
}
