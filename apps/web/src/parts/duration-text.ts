/** How long something took, for people: two units at most. Used wherever a time span is shown. */
import { words } from '../words/words.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export function durationText(ms: number): string {
  const { units } = words.shell
  if (ms < SECOND) return units.ms(Math.round(ms))
  if (ms < MINUTE) return units.s(ms < 10 * SECOND ? (ms / SECOND).toFixed(1) : String(Math.round(ms / SECOND)))
  const whole = Math.round(ms / SECOND) * SECOND
  if (whole < HOUR) return both(whole, MINUTE, units.min, SECOND, (rest) => units.s(String(rest)))
  if (whole < DAY) return both(whole, HOUR, units.h, MINUTE, units.min)
  return both(whole, DAY, units.d, HOUR, units.h)
}

type Unit = (count: number) => string

function both(ms: number, large: number, nameOfLarge: Unit, small: number, nameOfSmall: Unit): string {
  const rest = Math.floor((ms % large) / small)
  const first = nameOfLarge(Math.floor(ms / large))
  return rest === 0 ? first : `${first} ${nameOfSmall(rest)}`
}
