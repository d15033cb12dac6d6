/**
 * The API that a team glues itself: a Hono handler checks the body with zod and calls BullMQ's `queue.add`. No record, no
 * idempotency, no limits, no log. A job is read by one pipelined HMGET; `?wait` waits with `waitUntilFinished`.
 */
import { serve } from '@hono/node-server'
import { Queue, QueueEvents } from 'bullmq'
import { Hono } from 'hono'
import { Redis } from 'ioredis'
import { z } from 'zod'
import { BARE_QUEUE, bareRequestSchema } from './bare-queue.ts'

const [url = ''] = process.argv.slice(2)
const redis = new Redis(url, { maxRetriesPerRequest: null, enableAutoPipelining: true })
const queue = new Queue(BARE_QUEUE, { connection: new Redis(url, { maxRetriesPerRequest: null }) })
const events = new QueueEvents(BARE_QUEUE, { connection: new Redis(url, { maxRetriesPerRequest: null }) })
events.setMaxListeners(0)

const app = new Hono()

app.post('/jobs', async (c) => {
  const parsed = bareRequestSchema.safeParse(await c.req.json())
  if (!parsed.success) return c.json({ error: z.treeifyError(parsed.error) }, 422)
  const job = await queue.add('noop', parsed.data.input)
  if (c.req.query('wait') === undefined) return c.json({ id: job.id, status: 'queued' }, 202)
  const output: unknown = await job.waitUntilFinished(events, 30_000)
  return c.json({ id: job.id, status: 'succeeded', output }, 200)
})

app.get('/jobs/:id', async (c) => {
  const key = queue.toKey(c.req.param('id'))
  const [data, timestamp, returned, finishedOn] = await redis.hmget(
    key,
    'data',
    'timestamp',
    'returnvalue',
    'finishedOn',
  )
  if (!data) return c.json({ error: 'not found' }, 404)
  const output: unknown = returned ? JSON.parse(returned) : null
  const status = finishedOn ? 'succeeded' : 'queued'
  return c.json({ id: c.req.param('id'), status, input: JSON.parse(data), output, created: Number(timestamp) })
})

await events.waitUntilReady()
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => console.log(`url http://127.0.0.1:${port}`))
