/** A state in a word, with a shape beside its colour for those who do not see that. Used wherever something has a state. */
import type { JobStatus } from '@millrace/contracts'
import { words } from '../words/words.ts'
import './badge.css'

export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'still'

/** One shape for each tone. */
const SHAPES: Record<Tone, string> = {
  good: 'M3 8.5l3.2 3.2L13 5',
  bad: 'M4 4l8 8M12 4l-8 8',
  warn: 'M8 2.5v7M8 12.2v1.3',
  busy: 'M8 2a6 6 0 1 1-6 6',
  still: 'M8 3.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 0 1 0-9',
}

export function Badge({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span class={`badge ${tone}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={SHAPES[tone]} />
      </svg>
      {children}
    </span>
  )
}

const TONES: Record<JobStatus, Tone> = {
  queued: 'still',
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  canceled: 'warn',
}

/** The state of a job. A word that this page does not know yet is shown as it is. */
export function StatusBadge({ status }: { status: JobStatus }) {
  return <Badge tone={TONES[status] ?? 'still'}>{words.shell.status[status] ?? status}</Badge>
}
