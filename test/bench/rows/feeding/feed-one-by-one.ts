/** What row 8 compares with: a worker that fetches, runs and stores, one after the other. */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { openObjectStore } from '@millrace/storage'
import type { S3Server } from '../../../support/servers/s3-server.ts'

/** The file that each job is given. */
export const INPUT_BYTES = Buffer.alloc(2 * 1024 * 1024, 'millrace')
const OPTIONS = { contentType: 'application/octet-stream', size: INPUT_BYTES.length }

export interface FeedLoad {
  store: S3Server
  /** Milliseconds. */
  runMs: number
  jobs: number
}

/** The share of the time in which its device was busy. */
export async function feedOneByOne({ store: server, runMs, jobs }: FeedLoad): Promise<number> {
  const { endpoint, bucket, accessKeyId, secretAccessKey } = server
  const store = await openObjectStore({ endpoint, bucket, credentials: { accessKeyId, secretAccessKey } })
  const prefix = `bare-${randomUUID()}`
  try {
    for (let job = 0; job < jobs; job++) await store.put(`${prefix}/in-${job}`, INPUT_BYTES, OPTIONS)
    let busy = 0
    const begun = performance.now()
    for (let job = 0; job < jobs; job++) {
      for await (const _ of await store.get(`${prefix}/in-${job}`)) continue
      const began = performance.now()
      await pause(runMs)
      busy += performance.now() - began
      await store.put(`${prefix}/out-${job}`, INPUT_BYTES, OPTIONS)
    }
    return busy / (performance.now() - begun)
  } finally {
    await store.deletePrefix(`${prefix}/`)
    await store.close()
  }
}
