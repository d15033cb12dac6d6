/** When a process has served long enough, and is to be replaced before it does harm. Kept by RunnerProcess. */
import { readFileSync } from 'node:fs'
import type { Manifest } from '@millrace/contracts'

export interface WearLimits {
  /** Runs that it may have. Default: no limit. */
  maxJobs?: number | undefined
  /** Bytes of memory that it may have gained since its second run, after a run. Where the system does not tell (Linux does): no limit. */
  maxMemoryGrowth?: number | undefined
  /** It has one run, so that nothing of a run outlives it. Default: no. */
  isolated?: boolean | undefined
}

/** Many models load something more in their first runs. */
const FIRST_RUNS = 2

export class Wear {
  readonly #isolated: boolean
  readonly #maxJobs: number
  readonly #maxGrowth: number | undefined
  readonly #memoryErrors: number
  /** Memory of the process before it could grow. */
  readonly #first = new WeakMap<Worn, number>()

  /** `memoryErrors`: runs that may lack memory; see RunnerProcessOptions. */
  constructor({ maxJobs, maxMemoryGrowth, isolated = false }: WearLimits = {}, memoryErrors = 1) {
    this.#isolated = isolated
    this.#maxJobs = isolated ? 1 : (maxJobs ?? Number.POSITIVE_INFINITY)
    this.#maxGrowth = maxMemoryGrowth
    this.#memoryErrors = memoryErrors
  }

  /** What the model says of itself, but for the runs that it has at a time: isolated, a process has one. */
  limit(manifest: Manifest): Manifest {
    return this.#isolated ? { ...manifest, concurrency: 1, batch: null } : manifest
  }

  /** It begins a run. After its last it takes no more. */
  began(worn: Worn): void {
    worn.runs += 1
    if (worn.runs >= this.#maxJobs) worn.retiring = true
  }

  /** A run of it has ended. Answers why it takes no more, at the moment in which that is so. */
  ended(worn: Worn, lackedMemory: boolean | undefined): string | undefined {
    if (lackedMemory && worn.lackedMemory(this.#memoryErrors)) return 'it ran out of memory'
    if (worn.retiring || !this.#hasGrown(worn)) return undefined
    worn.retiring = true
    return 'it has grown'
  }

  #hasGrown(worn: Worn): boolean {
    if (this.#maxGrowth === undefined) return false
    const bytes = residentBytes(worn.child.pid)
    if (bytes === undefined) return false
    if (worn.runs <= FIRST_RUNS) this.#first.set(worn, bytes)
    return bytes - (this.#first.get(worn) ?? bytes) > this.#maxGrowth
  }
}

/** What it asks of a CurrentProcess. */
interface Worn {
  runs: number
  retiring: boolean
  readonly child: { readonly pid: number | undefined }
  lackedMemory(limit: number): boolean
}

function residentBytes(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    return undefined
  }
}
