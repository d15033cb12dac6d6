/** Samples the resident memory of a process for as long as it lives. Called by runBatch. */
import { descendantsOf, residentMegabytes } from '../../bench/measure/cpu-clock.ts'

/** Megabytes (10^6 bytes). The most that was seen in the first and in the last third, and ever. */
export interface ApiMemory {
  early: number
  late: number
  peak: number
}

const EVERY_MS = 200

/** A process that has others, such as an API of several, is the sum of them. Linux only; elsewhere all is 0. */
export function watchMemory(pid: number): { stop(): ApiMemory } {
  const samples: number[] = []
  const look = (): void => {
    try {
      samples.push([pid, ...descendantsOf(pid)].reduce((sum, one) => sum + residentMegabytes(one), 0))
    } catch {
      // It ended meanwhile.
    }
  }
  const timer = setInterval(look, EVERY_MS)
  return {
    stop() {
      clearInterval(timer)
      const third = Math.ceil(samples.length / 3)
      const mostOf = (some: readonly number[]): number => Math.round(Math.max(0, ...some))
      return { early: mostOf(samples.slice(0, third)), late: mostOf(samples.slice(-third)), peak: mostOf(samples) }
    },
  }
}
