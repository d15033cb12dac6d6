/** What a webhook says a job has printed. Called for the platforms that tell it, and by those who gather the lines. */
import type { JobEvent } from '@millrace/contracts'
import type { DialectEvent } from './dialect-event.ts'
import { progressLine } from './progress-line.ts'

/** Of what a job has printed, the newest so many characters are told. */
const MOST_CHARS = 64 * 1024

/** While there is more to come, progress is the last line: clients parse it as tqdm writes it. */
export function messageLogs({ record, facts, logs }: Pick<DialectEvent, 'record' | 'facts' | 'logs'>): string {
  const { progress, status, started_at } = record
  if (!progress || status !== 'running') return logs
  const seconds = started_at === null ? 0 : Math.max(0, (Date.parse(facts.at) - Date.parse(started_at)) / 1000)
  return `${logs}${progressLine(progress, seconds)}`
}

/** The logs with one more line, as far as they are told: whole lines. */
export function withLine(logs: string, message: string): string {
  const all = `${logs}${message}\n`
  if (all.length <= MOST_CHARS) return all
  const cut = all.indexOf('\n', all.length - MOST_CHARS - 1)
  return all.slice(cut + 1)
}

/** The lines among these events, as far as they are told. */
export async function logsOf(events: AsyncIterable<JobEvent>): Promise<string> {
  let logs = ''
  for await (const event of events) if (event.type === 'log') logs = withLine(logs, event.message)
  return logs
}
