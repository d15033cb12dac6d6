/** A moment, told by how long ago it was and, on demand, in full. Used wherever a time is shown. */
import { tick } from '../data/clock.ts'
import { words } from '../words/words.ts'
import { durationText } from './duration-text.ts'

const DAY_MS = 86_400_000

export function Ago({ at }: { at: string }) {
  const ms = Date.parse(at)
  return (
    <time dateTime={at} title={new Date(ms).toLocaleString()}>
      {agoText(ms, tick.value)}
    </time>
  )
}

export function agoText(ms: number, nowMs: number): string {
  const past = nowMs - ms
  if (Math.abs(past) < 2000) return words.shell.justNow
  // Whole seconds are enough, and older times have no need of a second unit.
  const span = durationText(Math.round(Math.abs(past) / 1000) * 1000).replace(/\.0(?= )/, '')
  const short = Math.abs(past) < 600_000 ? span : span.split(' ').slice(0, 2).join(' ')
  return past > 0 ? words.shell.ago(short) : words.shell.in(short)
}

/** The hour of a moment of today; of any other day, the day too. */
export function clockText(at: string): string {
  const ms = Date.parse(at)
  const isNear = Math.abs(tick.peek() - ms) < DAY_MS / 2
  return new Date(ms).toLocaleString(
    undefined,
    isNear ? { timeStyle: 'medium' } : { dateStyle: 'medium', timeStyle: 'short' },
  )
}
