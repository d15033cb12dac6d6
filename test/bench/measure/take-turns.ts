/** Interleaved rounds: what disturbs the machine for a while disturbs every variant, and ratios hold. */
import { median } from './median.ts'

/** Figures of one round, by name: requests per second, CPU microseconds, milliseconds. */
export type Figures = Record<string, number>

export interface Variant {
  name: string
  /** One measured round. `warmup` rounds are run the same way and thrown away. */
  round(): Promise<Figures>
}

/** The median over the rounds, and how far they lie apart. */
export interface Ratio {
  median: number
  lowest: number
  highest: number
}

export interface Measured {
  /** Figures of each round, by variant. */
  rounds: Record<string, Figures[]>
  /** The median of one figure of one variant. */
  median(variant: string, figure: string): number
  /** `a`'s figure divided by `b`'s, round by round. */
  ratio(a: string, b: string, figure: string): Ratio
}

/** Runs every variant once per round, in turns, each round starting with another one. The first round is thrown away. */
export async function takeTurns(variants: readonly Variant[], rounds: number): Promise<Measured> {
  const kept: Record<string, Figures[]> = Object.fromEntries(variants.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (let turn = 0; turn < variants.length; turn++) {
      const variant = variants[(round + turn) % variants.length] as Variant
      const figures = await variant.round()
      if (round > 0) kept[variant.name]?.push(figures)
    }
  }
  const figuresOf = (variant: string, figure: string) =>
    (kept[variant] ?? []).map((figures) => {
      const value = figures[figure]
      if (value === undefined) throw new Error(`${variant} has no figure ${figure}`)
      return value
    })
  return {
    rounds: kept,
    median: (variant, figure) => median(figuresOf(variant, figure)),
    ratio: (a, b, figure) => {
      const below = figuresOf(b, figure)
      const ratios = figuresOf(a, figure).map((value, i) => value / (below[i] as number))
      return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) }
    },
  }
}
