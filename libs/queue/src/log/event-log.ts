/**
 * The log of a job: what happened to it, capped. A stream while things happen; before, all is in the record, and after, a
 * short one is folded into it (see `unfold` in libs/queue/src/scripts/jobs/prelude.lua); the beginning of a long one is an object once the job has
 * ended. Read here, written by the scripts only. Used by RedisJobStore.
 */
import type { JobId } from '@millrace/contracts'
import { eventsOfMoves } from '../record/moves.ts'
import { FORMER_FIELDS, isFormer, RECORD_FIELDS, toRecord } from '../record/record-fields.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import { SCRIPT_CONSTANTS } from '../scripts/contract/script-constants.ts'
import type { EventPage, Snapshot } from '../ports/job-reader.ts'
import type { LogEntry, ShelvedLog } from '../ports/shelf-store.ts'
import { isCut, isLaterEvent, toLogged } from './shelved-log.ts'

type StreamEntry = [id: string, fields: string[]]

/** Fields of the record that say where the log is. */
const LOG_FIELDS = ['tenant', 'created_us', 'folded', 'moves', 'log'] as const
type LogFields = Partial<Record<'created_us' | 'folded' | 'moves', string>>

/** Exclusive; from the beginning when there is no id. */
const from = (after: string): string => (after === '' ? '-' : `(${after}`)

const ofStream = ([id, fields]: StreamEntry): LogEntry => [id, fields[1] ?? '{}']

/** What the record itself tells, where there is no stream: a list of ids and events in turn, or that it was submitted and its moves. */
function ofRecord({ created_us, folded, moves }: LogFields): LogEntry[] {
  if (!folded) {
    if (!created_us) return []
    return [[`${Math.floor(Number(created_us) / 1000)}-0`, SCRIPT_CONSTANTS.SUBMITTED], ...eventsOfMoves(moves ?? '')]
  }
  const list = JSON.parse(folded) as string[]
  return list.flatMap((id, i) => (i % 2 === 0 ? [[id, list[i + 1] ?? '{}'] as const] : []))
}

export const ofLog = (text: string | undefined): ShelvedLog | undefined =>
  text ? (JSON.parse(text) as ShelvedLog) : undefined

/** Some of a record and of its log, of one moment: a log that is trimmed between two reads would look as if it had a gap. */
export async function look<Field extends string>(
  run: RunScript,
  id: JobId,
  { fields, after = '', count }: { fields: readonly Field[]; after?: string; count: number },
) {
  const reply = await run('jobs/look', { id, from: from(after), count, fields })
  const { values, streamed, oldest, newest } = reply
  const record = Object.fromEntries(fields.map((field, i) => [field, values[i] ?? undefined]))
  return {
    record: record as Partial<Record<Field, string>>,
    streamed: streamed.map(ofStream),
    oldest: oldest.map(ofStream)[0],
    newest: newest.map(ofStream)[0],
  }
}

export async function readEventPage(
  run: RunScript,
  id: JobId,
  tenant: string | undefined,
  { after, count }: { after: string; count: number },
): Promise<EventPage> {
  const { record, streamed, oldest } = await look(run, id, { fields: LOG_FIELDS, after, count })
  if (tenant !== undefined && record.tenant !== tenant) return { outcome: 'missing' }
  const shelved = ofLog(record.log)
  if (shelved && isLaterEvent(shelved.last, after)) return { outcome: 'shelved', log: shelved }
  const kept = oldest ? streamed : ofRecord(record)
  const firstEntry = oldest ?? kept[0]
  if (!firstEntry) return { outcome: 'missing' }
  const wanted = kept.filter(([one]) => isLaterEvent(one, after)).slice(0, count)
  const first = toLogged(...firstEntry)
  // The last event on the shelf stays in Redis too, so that what comes after it is known to follow it.
  const gap = isCut(first, after) && (!shelved || isLaterEvent(first.id, shelved.last))
  return { outcome: 'events', events: wanted.map((entry) => toLogged(...entry)), gap, more: wanted.length === count }
}

/** Undefined when there is no record of such a job. */
export async function readSnapshot(
  run: RunScript,
  id: JobId,
  tenant: string | undefined,
): Promise<Snapshot | undefined> {
  const fields = [...RECORD_FIELDS, 'folded']
  const seen = await look(run, id, { fields, count: 1 })
  const { record, newest } = isFormer(seen.record)
    ? await look(run, id, { fields: [...fields, ...FORMER_FIELDS], count: 1 })
    : seen
  if (!record.status) return undefined
  if (tenant !== undefined && record.tenant !== tenant) return { outcome: 'missing' }
  if (record.status === 'purged') return { outcome: 'purged' }
  const [lastEventId = ''] = newest ?? ofRecord(record).at(-1) ?? []
  return { outcome: 'found', record: toRecord(id, record), lastEventId }
}
