/**
 * Times as the API and the logs show them: ISO 8601, UTC, with milliseconds. Several stand in each job and one in each line of
 * a log, and most are of the same few minutes, so the text of a minute is made once. Called by the record of jobs and by the
 * logger.
 */

const MINUTE_MS = 60_000
/** Then all are forgotten: a text is made anew in a microsecond. */
const MOST_MINUTES = 500
const minutes = new Map<number, string>()
const SECONDS = Array.from({ length: 60 }, (_, second) => String(second).padStart(2, '0'))
const MILLISECONDS = Array.from({ length: 1000 }, (_, ms) => `.${String(ms).padStart(3, '0')}Z`)

/** The same as `new Date(ms).toISOString()`, also where that throws. */
export function isoTime(ms: number): string {
  const whole = Math.trunc(ms)
  const minute = Math.floor(whole / MINUTE_MS)
  const rest = whole - minute * MINUTE_MS
  return `${minutes.get(minute) ?? remember(minute)}${SECONDS[Math.floor(rest / 1000)]}${MILLISECONDS[rest % 1000]}`
}

function remember(minute: number): string {
  const text = new Date(minute * MINUTE_MS).toISOString().slice(0, -'00.000Z'.length)
  if (minutes.size >= MOST_MINUTES) minutes.clear()
  minutes.set(minute, text)
  return text
}
