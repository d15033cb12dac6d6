/**
 * Keeps a label of a metric from growing without end: those that come first are called by their names, all later ones `other`.
 * Used for labels that operators or clients can make, such as tenants.
 */

const MOST = 100

export class LabelBound {
  readonly #known = new Set<string>()
  readonly #most: number

  constructor(most = MOST) {
    this.#most = most
  }

  of(name: string): string {
    if (this.#known.has(name)) return name
    if (this.#known.size >= this.#most) return 'other'
    this.#known.add(name)
    return name
  }
}
