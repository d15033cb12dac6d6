/**
 * Where one attempt puts its outputs: below a prefix of its own for each try, so that what an unanswered earlier try may
 * still be writing can't meet it. Knows all of them, to take away what does not count. Used by store-outputs.ts and
 * settle-attempt.ts.
 */
import { randomBytes } from 'node:crypto'
import { type JobRecord, outputPrefix } from '@millrace/contracts'
import type { AttemptDeps } from '../attempt-deps.ts'

export type OutputDeps = Pick<AttemptDeps, 'records' | 'objects' | 'logFault'>

export class OutputPrefixes {
  readonly #deps: OutputDeps
  readonly #record: JobRecord
  /** Newest last. */
  readonly #prefixes: string[] = []

  constructor(deps: OutputDeps, record: JobRecord) {
    this.#deps = deps
    this.#record = record
  }

  /** The prefix of one more try. */
  next(): string {
    const { tenant, id, fence } = this.#record
    const prefix = outputPrefix(tenant, id, fence, randomBytes(4).toString('hex'))
    this.#prefixes.push(prefix)
    return prefix
  }

  /** The newest try was stored whole. Not waited for: a purge of the job deletes what this can't. */
  dropEarlier(): void {
    const { objects, logFault } = this.#deps
    for (const prefix of this.#prefixes.slice(0, -1)) {
      objects
        .deletePrefix(prefix)
        .catch((error: unknown) => logFault('Objects of an earlier try could not be deleted', error))
    }
  }

  /**
   * Deletes what this attempt stored, unless the record names it: an answer can be lost after the commit, and then a
   * second `succeed` may read as fenced. What stays by accident goes with the purge of the job. Never rejects.
   */
  async discard(): Promise<void> {
    if (this.#prefixes.length === 0) return
    const { records, objects, logFault } = this.#deps
    const { id, fence } = this.#record
    try {
      const found = await records.get(id)
      const kept = found.outcome === 'found' ? keysOf(found.record) : []
      for (const prefix of this.#prefixes) {
        if (!kept.some((key) => key.startsWith(prefix))) await objects.deletePrefix(prefix)
      }
    } catch (error) {
      logFault("Objects of an attempt that doesn't count could not be deleted", error, { id, fence })
    }
  }
}

function keysOf({ output, output_files }: JobRecord): string[] {
  const json = output && 'stored' in output ? [output.stored.key] : []
  return [...json, ...output_files.map((file) => file.key)]
}
