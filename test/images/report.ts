/** The steps of a run and what each measured: printed as they end, and once more as a table. Used by main.ts and the steps. */

interface Row {
  what: string
  figure: string
  isOk: boolean
}

export class Report {
  readonly #rows: Row[] = []
  readonly #say: (line: string) => void

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  /** Notes something that cannot fail. */
  note(what: string, figure: string): void {
    this.#add({ what, figure, isOk: true })
  }

  /** Runs a step that gives its figures. One that fails is noted, and the others go on. Resolves with whether it went well. */
  async step(what: string, run: () => Promise<string>): Promise<boolean> {
    const begun = performance.now()
    try {
      const figure = await run()
      this.#add({ what, figure: `${figure} (${seconds(begun)})`, isOk: true })
      return true
    } catch (error) {
      this.#add({ what, figure: error instanceof Error ? error.message : String(error), isOk: false })
      return false
    }
  }

  get failed(): number {
    return this.#rows.filter(({ isOk }) => !isOk).length
  }

  /** As lines; the last one counts. */
  table(): string[] {
    const width = Math.max(0, ...this.#rows.map(({ what }) => what.length))
    const lines = this.#rows.map(({ what, figure, isOk }) => {
      const [first = ''] = figure.split('\n')
      return `${isOk ? '  ' : '! '}${what.padEnd(width)}  ${first}`
    })
    return [...lines, `${this.#rows.length - this.failed} passed, ${this.failed} failed`]
  }

  #add(row: Row): void {
    this.#rows.push(row)
    this.#say(`${row.isOk ? 'ok    ' : 'FAILED'} ${row.what}: ${row.figure}`)
  }
}

/** Since a reading of `performance.now()`. */
export const seconds = (begun: number): string => `${((performance.now() - begun) / 1000).toFixed(1)} s`

/** Throws with the sentence when it does not hold. */
export function check(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Error(sentence)
}
