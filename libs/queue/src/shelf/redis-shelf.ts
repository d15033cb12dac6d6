/** Jobs that have ended and whose large values are to go to the object store, in Redis; see ShelfStore. Made by openQueue. */
import { isTerminal, type JobId, type JobStatus, type JsonValue } from '@millrace/contracts'
import { look, ofLog } from '../log/event-log.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import { SPARED_BYTES } from '../redis/memory-levels.ts'
import type { LeftBehind, PutAway, ShelfStore } from '../ports/shelf-store.ts'
import { isLaterEvent } from '../log/shelved-log.ts'

const FIELDS = ['status', 'tenant', 'fence', 'revision', 'input', 'output', 'log'] as const

/** More events than a log has. */
const ALL = 1_000_000

export class RedisShelf implements ShelfStore {
  readonly #run: RunScript

  constructor(run: RunScript) {
    this.#run = run
  }

  take(model: string, count: number): Promise<JobId[]> {
    return this.#run('jobs/shelf', { model, count })
  }

  async read(id: JobId): Promise<LeftBehind | undefined> {
    const { record, streamed } = await look(this.#run, id, { fields: FIELDS, count: ALL })
    if (!isTerminal(record.status as JobStatus)) return undefined
    const shelved = ofLog(record.log)
    return {
      tenant: record.tenant ?? '',
      fence: Number(record.fence),
      revision: record.revision ?? '',
      input: bulkyText(record.input),
      output: bulkyText(record.output),
      log: streamed.filter(([one]) => !shelved || isLaterEvent(one, shelved.last)),
      shelved,
    }
  }

  putAway(id: JobId, { revision, log }: LeftBehind, put: PutAway): Promise<boolean> {
    const last = put.log && log.at(-1)?.[0]
    return this.#run('jobs/shelve', { id, revision, last, ...put })
  }
}

/** Its text, when it is worth to be moved and may be shown as it is: what is to be masked is told with it, here only. */
function bulkyText(field: string | undefined): string | undefined {
  if (!field || field.length <= SPARED_BYTES) return undefined
  const value = JSON.parse(field) as JsonValue
  return 'inline' in value && value.secrets === undefined ? value.inline : undefined
}
