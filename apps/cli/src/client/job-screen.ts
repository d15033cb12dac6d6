/**
 * Shows the progress of a job on standard error, so that standard output holds only the result. On a terminal it draws one
 * line over and over. Anywhere else it writes a new line when something important has changed. Used by follow-job.ts.
 */
import { terminalText } from '@millrace/process'
import type { Job } from '@millrace/contracts'
import { firstLine } from '../terminal/plain-text.ts'
import { waitingText } from './waiting-text.ts'

/** The screen to draw on, such as `process.stderr`. */
export interface Screen {
  write(text: string): unknown
  isTTY?: boolean
}

export interface JobScreen {
  show(job: Job): void
  /** Writes a line that stays, above the one that is drawn. */
  say(text: string): void
  /** Removes the drawn line. */
  close(): void
}

const BAR = 20
const TICK_MS = 200
const WIPE = '\r\x1b[2K'

/** `quiet`: write nothing unless the screen is a terminal. */
export function createJobScreen(screen: Screen, options: { quiet?: boolean } = {}): JobScreen {
  return screen.isTTY ? drawn(screen) : written(screen, options.quiet ?? false)
}

function drawn(screen: Screen): JobScreen {
  const started = Date.now()
  let job: Job | undefined
  const wipe = (): unknown => screen.write(WIPE)
  const draw = (): void => {
    if (!job) return
    const line = `${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s  ${statusText(job, true)}`
    // A wrapped line could not be removed again. Only the terminal knows how wide its characters are, so the terminal cuts
    // the line.
    screen.write(`${WIPE}\x1b[?7l${line}\x1b[?7h`)
  }
  const timer = setInterval(draw, TICK_MS)
  timer.unref()
  return {
    show(next) {
      job = next
      draw()
    },
    say(text) {
      wipe()
      screen.write(`${terminalText(text)}\n`)
      draw()
    },
    close() {
      clearInterval(timer)
      job = undefined
      wipe()
    },
  }
}

function written(screen: Screen, quiet: boolean): JobScreen {
  let last = ''
  return {
    show(job) {
      const tenths = Math.floor((job.progress?.fraction ?? 0) * 10)
      const key = `${job.status} ${tenths} ${job.progress?.message ?? ''} ${job.queue?.position ?? ''} ${job.queue?.note ?? ''} ${job.queue?.eta_seconds?.p90 ?? ''}`
      if (quiet || key === last) return
      last = key
      screen.write(`${statusText(job, false)}\n`)
    },
    say: (text) => void (quiet || screen.write(`${terminalText(text)}\n`)),
    close: () => undefined,
  }
}

/** A text such as `queued, place 3 in line` or `running  [########            ]  42 %  page 3 of 7`. */
export function statusText(job: Job, withBar: boolean): string {
  if (job.status === 'queued') {
    if (job.error) return `queued again: ${firstLine(job.error.message)}`
    return job.queue ? `queued${waitingText(job.queue)}` : 'queued'
  }
  if (job.status !== 'running') return job.status
  const status = job.cancel_requested ? 'canceling' : 'running'
  if (!job.progress) return status
  const { fraction, message } = job.progress
  const filled = Math.round(fraction * BAR)
  const bar = withBar ? `[${'#'.repeat(filled)}${' '.repeat(BAR - filled)}]` : ''
  const percent = `${String(Math.round(fraction * 100)).padStart(3)} %`
  return [status, bar, percent, message === null ? '' : firstLine(message)].filter(Boolean).join('  ')
}
