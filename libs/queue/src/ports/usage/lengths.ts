/** Lengths of waits or runs by the step that each is in: how many there were and how long they were together. Made of what minutes keep. */

/** By step: how many, and milliseconds of all together. */
type Step = readonly [count: number, sumMs: number]

export class Lengths {
  readonly #steps = new Map<number, Step>()

  add(step: number, count: number, sumMs: number): void {
    const [before, sum] = this.#steps.get(step) ?? [0, 0]
    this.#steps.set(step, [before + count, sum + sumMs])
  }

  addAll(other: Lengths): void {
    for (const [step, [count, sum]] of other.#steps) this.add(step, count, sum)
  }

  get count(): number {
    return this.#sum(([count]) => count)
  }

  get sumMs(): number {
    return this.#sum(([, sumMs]) => sumMs)
  }

  /** So long that this part of all is no longer: the mean of its step. Milliseconds; 0 where there are none. */
  within(part: number): number {
    let left = part * this.count
    const steps = [...this.#steps].toSorted(([a], [b]) => a - b)
    for (const [, [count, sumMs]] of steps) {
      left -= count
      if (left <= 0) return sumMs / count
    }
    return 0
  }

  #sum(of: (step: Step) => number): number {
    let sum = 0
    for (const step of this.#steps.values()) sum += of(step)
    return sum
  }
}
