/** Where a job waits and when it will start, in words. Called by the screen of a job and by a dry run. */
import type { JobQueue } from '@millrace/contracts'
import { firstLine } from '../terminal/plain-text.ts'

/** What follows `queued`: `, place 3 in line, starts in about 8 s, at most 20 s`, or `: No worker serves version 1.0.0 now.` */
export function waitingText({ position, ahead, eta_seconds, note }: JobQueue): string {
  const start = eta_seconds && `tarts in about ${timeText(eta_seconds.p50)}, at most ${timeText(eta_seconds.p90)}`
  if (note !== null) return `: ${firstLine(note)}${start ? ` S${start}` : ''}`
  const place = position === null ? [] : [`place ${position} in line`]
  // Those beyond its own row wait in another line of the same workers.
  if (position !== null && ahead !== null && ahead !== position - 1) place.push(`${ahead} before it`)
  return ['', ...place, ...(start ? [`s${start}`] : [])].join(', ')
}

function timeText(seconds: number): string {
  if (seconds <= 120) return `${seconds} s`
  return seconds <= 7200 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`
}
