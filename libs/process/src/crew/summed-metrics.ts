/**
 * The measurements of several processes as one. What a process counted stays in the sum when it is gone, as far as it was
 * heard: a sum that falls would be read as a restart of everything. Used by the parent of a crew.
 */
import { mergeSnapshots, type MetricSnapshot, renderSnapshots } from '../metrics.ts'

const COUNTS = new Set(['counter', 'histogram'])

export class SummedMetrics {
  /** The newest of each process. */
  readonly #newest = new Map<number, MetricSnapshot>()
  /** Counts of those that are gone; one merge after another. */
  #gone: Promise<MetricSnapshot> = Promise.resolve([])

  heard(process: number, snapshot: MetricSnapshot): void {
    this.#newest.set(process, snapshot)
  }

  /** Another process with this number starts from zero. */
  ended(process: number): void {
    const last = this.#newest.get(process)
    this.#newest.delete(process)
    if (last === undefined) return
    // A gauge of a process that is gone says nothing.
    const counts = last.filter(({ type }) => COUNTS.has(String(type)))
    this.#gone = this.#gone.then((gone) => mergeSnapshots([gone, counts]))
  }

  /** @param own What the caller itself measures. */
  async render(own: MetricSnapshot): Promise<string> {
    return renderSnapshots([...this.#newest.values(), await this.#gone, own])
  }
}
