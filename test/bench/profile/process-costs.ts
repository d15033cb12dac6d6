/** What processes have cost the system, beyond their CPU: how much of it in the kernel, and how often they were woken. */
import { readdirSync, readFileSync } from 'node:fs'
import { TICKS_PER_SECOND } from '../measure/cpu-clock.ts'

export interface ProcessCosts {
  userSeconds: number
  systemSeconds: number
  /** Times that a thread gave its core away to wait for something, and so had to be woken. */
  wakes: number
}

/** Of all these together, since their start. Linux only. */
export function processCosts(pids: readonly number[]): ProcessCosts {
  const sum = { userSeconds: 0, systemSeconds: 0, wakes: 0 }
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    sum.userSeconds += Number(fields[11]) / TICKS_PER_SECOND
    sum.systemSeconds += Number(fields[12]) / TICKS_PER_SECOND
    sum.wakes += wakesOf(pid)
  }
  return sum
}

function wakesOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  const statuses = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'))
  const wakes = statuses.map((status) => Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1]))
  return wakes.reduce((all, one) => all + one, 0)
}
