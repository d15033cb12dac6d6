/** The CPU per request of both stacks in one sentence, and a warning when the load generator had no room left. */
import type { Measured } from '../measure/take-turns.ts'

/** Above this share of a core the generator may be what was measured. */
const MOST_GENERATOR = 0.85

export function cpuNotes(measured: Measured, unit: string): string[] {
  const variants = Object.keys(measured.rounds)
  const sentences = variants.map((name) => {
    const parts = Object.keys(measured.rounds[name]?.[0] ?? {}).filter((figure) => figure.endsWith('Us'))
    const costs = parts.map((part) => `${nameOf(part)} ${measured.median(name, part).toFixed(0)}`)
    return `${name} ${costs.join(', ')}`
  })
  const shares = variants.map((name) => measured.median(name, 'generatorShare'))
  const busiest = Math.max(...shares)
  const notes = [
    `CPU µs per ${unit}: ${sentences.join('; ')}; the load generator used ${busiest.toFixed(2)} of a core.`,
  ]
  if (busiest > MOST_GENERATOR)
    notes.push('The load generator was the bottleneck: this row understates the faster one.')
  return notes
}

const nameOf = (figure: string): string => (figure === 'allUs' ? 'in all' : figure.slice(0, -'Us'.length))
