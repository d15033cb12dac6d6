/** A moment, told by how long ago it was and, on demand, in full. Used wherever a time is shown. */
import { tick } from '../data/clock.ts'
import { words } from '../words/words.ts'
import { durationText } from './duration-text.ts'

export function Ago({ at }: { at: string }) {
  const ms = Date.parse(at)
  return (
    <time dateTime={at} title={new Date(ms).toLocaleString()}>
      {agoText(ms, tick.value)}
    </time>
  )
}

function agoText(ms: number, nowMs: number): string {
  const past = nowMs - ms
  if (Math.abs(past) < 2000) return words.shell.justNow
  // Whole seconds are enough, and older times have no need of a second unit.
  const span = durationText(Math.round(Math.abs(past) / 1000) * 1000).replace(/\.0(?= )/, '')
  const short = Math.abs(past) < 600_000 ? span : span.split(' ').slice(0, 2).join(' ')
  return past > 0 ? words.shell.ago(short) : words.shell.in(short)
}
