/** What is noted while a chaos run goes on, for the verdict. Kept by runChaos. */
import type { Fault } from './faults/nemesis.ts'
import type { PartEnd } from './faults/supervised-part.ts'
import type { Cancel } from './load/mind-changers.ts'
import type { Accepted } from './load/submit-load.ts'

export class RunNotes {
  /** Ids by number of the job: every one that a 202 named for it. */
  readonly accepted = new Map<number, string[]>()
  /** By number of the job: the version whose contract accepted it, as the first 202 says. */
  readonly acceptedBy = new Map<number, string>()
  /** By number of the job. */
  readonly cancels = new Map<number, Cancel>()
  readonly faults: Fault[] = []
  readonly ends: PartEnd[] = []
  /** Submits that were refused because Redis was full. */
  refused = 0

  /** Says whether it is the first time that this job is accepted. */
  accept(n: number, { id, version }: Accepted): boolean {
    const ids = this.accepted.get(n) ?? []
    this.accepted.set(n, [...ids, id])
    if (ids.length === 0) this.acceptedBy.set(n, version)
    return ids.length === 0
  }
}
