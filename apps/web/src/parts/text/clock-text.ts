/** A moment as a clock shows it. Used where it says more than how long ago it was. */
import { tick } from '../../data/clock.ts'

const DAY_MS = 86_400_000

/** The hour of a moment of the last hours; of any other, the day too. */
export function clockText(at: string): string {
  const ms = Date.parse(at)
  const isNear = Math.abs(tick.peek() - ms) < DAY_MS / 2
  return new Date(ms).toLocaleString(
    undefined,
    isNear ? { timeStyle: 'medium' } : { dateStyle: 'medium', timeStyle: 'short' },
  )
}
