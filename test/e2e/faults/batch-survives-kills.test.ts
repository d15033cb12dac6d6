/** A batch through real processes, all of which are killed half way: exact counts, each row once, results in order. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@millrace/client'
import type { BatchResult } from '@millrace/contracts'
import { afterEach, expect, it } from 'vitest'
import { killProcessTree } from '../../support/processes/kill-process-tree.ts'
import { startMillrace } from '../../support/processes/millrace-process.ts'
import { SHIPPED_MODELS } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const ROWS = 500

it(`runs ${ROWS} rows, each once, though everything is killed half way`, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-batch-'))
  closing.push(() => rmSync(dataDir, { recursive: true, force: true }))
  const env = { MILLRACE_DATA_DIR: dataDir, MILLRACE_MODELS: `${SHIPPED_MODELS}/echo`, MILLRACE_LOCK_SECONDS: '3' }
  const start = async () => {
    const dev = startMillrace('dev', env)
    closing.push(() => killProcessTree(dev.child))
    return { dev, client: createClient({ url: await dev.url() }) }
  }
  const first = await start()
  const jobs = Array.from({ length: ROWS }, (_, n) => ({ custom_id: `row ${n}`, input: { message: `${n}` } }))
  const { id } = await until('the model is there', () =>
    first.client.batches.create({ model: 'echo', jobs }).catch(() => undefined),
  )
  await until('some have ended', async () => (await first.client.batches.get(id)).counts.succeeded > 50 || undefined)
  await killProcessTree(first.dev.child)

  const { client } = await start()
  const batch = await client.batches.wait(id)
  expect(batch).toMatchObject({ status: 'completed', counts: { total: ROWS, submitted: ROWS, succeeded: ROWS } })
  const results: BatchResult[] = []
  for await (const result of client.batches.results(batch)) results.push(result)
  expect(results.map(({ custom_id, output }) => [custom_id, (output as { message: string }).message])).toEqual(
    jobs.map(({ custom_id, input }) => [custom_id, input.message]),
  )
  expect(new Set(results.map(({ job_id }) => job_id)).size).toBe(ROWS)
})
