/** A job store that keeps records in a map, for tests of the HTTP edge. The real one is tested against real Redis. */
import type { JobRecord } from '@millrace/contracts'
import type { JobFound, NewJob, Reader, SubmitResult } from '@millrace/queue'
import type { ApiDeps } from './http/api-deps.ts'
import { aRecord } from '../../../test/support/a-record.ts'

/** What a test sees of it, and sets. */
export interface JobStand {
  submitted: NewJob[]
  records: Map<string, JobRecord | 'purged'>
  control: { submit?: () => Promise<SubmitResult> }
}

const PLACE = { position: 1, ahead: 0, eta: { p50: 3, p90: 5 }, why: 'busy', workers: 1 } as const

export function createJobStand({ submitted, records, control }: JobStand): ApiDeps['jobs'] {
  const find = (id: string, reader: Reader): JobFound => {
    const record = records.get(id)
    if (record === 'purged') return { outcome: 'purged' }
    const isTheirs = record !== undefined && (reader === 'signed' || record.tenant === reader.tenant)
    return isTheirs ? { outcome: 'found', record } : { outcome: 'missing' }
  }
  return {
    submit: async (job) => {
      submitted.push(job)
      if (control.submit) return control.submit()
      const record = aRecord(job)
      records.set(job.id, record)
      return { outcome: 'created', record }
    },
    get: async (id, reader) => find(id, reader),
    snapshot: async (id, reader) => {
      const found = find(id, reader)
      return found.outcome === 'found' ? { ...found, lastEventId: '0-0' } : found
    },
    eventPage: async () => ({ outcome: 'missing' }),
    list: async () => ({
      records: [...records.values()].filter((one) => one !== 'purged'),
      unreadable: [],
      ...{ searchedTo: null, nextCursor: null },
    }),
    count: async () => ({
      counts: { queued: records.size, running: 0, succeeded: 0, failed: 0, canceled: 0 },
      ...{ searchedTo: null, nextCursor: null },
    }),
    failures: async () => ({
      ...{ kinds: [], places: [], searched: 0, matched: 0 },
      ...{ searchedTo: null, nextCursor: null },
    }),
    place: async () => PLACE,
    seen: async () => undefined,
    tryOut: async () => ({ outcome: 'possible', place: PLACE, isLate: false }),
    purge: async (id) => {
      records.set(id, 'purged')
      return 'purged'
    },
    purged: async () => undefined,
    cancel: async (id, tenant) => {
      const found = find(id, { tenant })
      if (found.outcome === 'found' && found.record.status === 'queued') found.record.status = 'canceled'
      return found
    },
    rerun: async (id, tenant) => {
      const found = find(id, { tenant })
      return found.outcome === 'found' ? { outcome: 'refused' } : found
    },
    handOn: async () => ({ outcome: 'missing' }),
  }
}
