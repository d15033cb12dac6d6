/**
 * A time as people write it into a search: how long ago (`90s`, `15m`, `1h`, `2d`, `1w`), a time of today (`12:03`), a day
 * (`2026-11-29`), or a day and a time. Without a zone it is the reader's own. Called by read-search.ts and filter-of-search.ts.
 */

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const

const AGO = /^(\d{1,6})([smhdw])$/i
const CLOCK = /^(\d{1,2}):(\d{2})$/
const DAY = /^\d{4}-\d{2}-\d{2}$/
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?$/i

/** Milliseconds since 1970; undefined when nobody can say which time is meant. `nowMs`: by the clock of the server. */
export function readTime(text: string, nowMs: number): number | undefined {
  const ago = AGO.exec(text)
  if (ago) return nowMs - Number(ago[1]) * UNITS[(ago[2] as string).toLowerCase() as keyof typeof UNITS] * 1000
  const clock = CLOCK.exec(text)
  if (clock) return timeOfToday(Number(clock[1]), Number(clock[2]), nowMs)
  // A day alone would be taken for one of Greenwich.
  const moment = DAY.test(text) ? `${text}T00:00` : text
  if (!MOMENT.test(moment)) return undefined
  const ms = Date.parse(moment.toUpperCase())
  return Number.isNaN(ms) ? undefined : ms
}

/** The last time that a clock showed this. */
function timeOfToday(hours: number, minutes: number, nowMs: number): number | undefined {
  if (hours > 23 || minutes > 59) return undefined
  const day = new Date(nowMs)
  const at = day.setHours(hours, minutes, 0, 0)
  return at <= nowMs ? at : day.setDate(day.getDate() - 1)
}
