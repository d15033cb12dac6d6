/**
 * Erasing all that a tenant has, or its jobs with some metadata, as one thing with an id. Begun by the API's routes. A worker does it,
 * for objects have to be deleted too; see apps/worker/src/upkeep/eraser.ts. Every step may be done twice.
 */
import type { Erasure, ErasureCounts, JobId, ReadErasureRequest } from '@millrace/contracts'

export interface Erasures {
  /** `uncounted`: it names no dry run of the same that has ended, of a day ago at most. */
  begin(request: ReadErasureRequest): Promise<{ outcome: 'begun'; id: string } | { outcome: 'uncounted' }>
  /** How far it is; undefined when there is none, or 90 days after its end. */
  get(id: string): Promise<Erasure | undefined>
}

export interface OpenErasure {
  id: string
  tenant: string
  /** Only jobs whose metadata has all of this. Undefined: all that the tenant has. */
  metadata: Readonly<Record<string, string>> | undefined
  isDry: boolean
  /** How long ago it was begun. Milliseconds. */
  ageMs: number
  /** Everything was erased and counted; what is left of it is to go. */
  isCounted: boolean
}

export interface ErasedPage {
  /** `waiting`: jobs that run were told to stop; come again in a while. */
  state: 'more' | 'waiting' | 'done'
  /** Purged jobs whose objects and holds are to go now. */
  purged: JobId[]
}

/** Of one erasure. Whatever has a shard of its own goes for itself. */
export interface ErasureUpkeep {
  /** Those that are not done. */
  open(): Promise<OpenErasure[]>
  /** True when this process may go on with it for that long: one does at a time. */
  take(id: string, ms: number): Promise<boolean>
  /** From now on nothing new of the tenant is kept; its keys end. Answers the shards that have jobs and deliveries. */
  prepare(erasure: OpenErasure): Promise<string[]>
  page(erasure: OpenErasure, shard: string): Promise<ErasedPage>
  /** Whether batches keep nothing any more of what is erased by its metadata: processes of the API do that. */
  isErasedInBatches(erasure: OpenErasure): Promise<boolean>
  /** A page of files and bytes. Answers keys of objects that are to be deleted, or none when nothing is left. */
  filePage(erasure: OpenErasure): Promise<string[]>
  /** Keys, settings, and whatever else names the tenant. */
  forgetTenant(erasure: OpenErasure): Promise<void>
  /** All is erased: keeps the counts, answers them, and then forgets whose it was. `beforeEnd` is called in between. */
  close(erasure: OpenErasure, beforeEnd: (counts: ErasureCounts) => Promise<void>): Promise<void>
}
