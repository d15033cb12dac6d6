/**
 * Adds up the measurements of several processes. The counts of a process that is gone stay in the sum, as far as they were
 * heard: a sum that falls would look like a restart of everything. Used by the parent of a crew.
 */
import { mergeSnapshots, type MetricSnapshot, renderSnapshots } from '../metrics.ts'

const COUNTS = new Set(['counter', 'histogram'])

export class SummedMetrics {
  /** The newest measurements of each process. */
  readonly #newest = new Map<number, MetricSnapshot>()
  /** The counts of processes that are gone. One merge runs after another. */
  #gone: Promise<MetricSnapshot> = Promise.resolve([])

  heard(process: number, snapshot: MetricSnapshot): void {
    this.#newest.set(process, snapshot)
  }

  /** Called when a process has ended. The next one with this number starts from zero. */
  ended(process: number): void {
    const last = this.#newest.get(process)
    this.#newest.delete(process)
    if (last === undefined) return
    // A gauge of a process that is gone means nothing.
    const counts = last.filter(({ type }) => COUNTS.has(String(type)))
    this.#gone = this.#gone.then((gone) => mergeSnapshots([gone, counts]))
  }

  /** @param own The measurements of the caller itself. */
  async render(own: MetricSnapshot): Promise<string> {
    return renderSnapshots([...this.#newest.values(), await this.#gone, own])
  }
}
