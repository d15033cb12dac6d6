// A receiver of Millrace's webhooks: verifies, drops what it has seen, answers at once, and works afterwards.
import { serve } from '@hono/node-server'
import { verifyWebhook, WebhookVerificationError } from '@millrace/client'
import { Hono } from 'hono'

const secret = process.env.WEBHOOK_SECRET
if (!secret) throw new Error('set WEBHOOK_SECRET to the whsec_… that Millrace gave you')

type Event = Awaited<ReturnType<typeof verifyWebhook>>

/** In earnest a table with a unique key: it outlives a restart, and is shared by all your processes. */
const seen = new Set<string>()

function act(event: Event): void {
  if (event.type === 'job.succeeded') console.log(`${event.data.id} is done: fetch ${event.data.urls.output}`)
  else if (event.type === 'job.failed') console.log(`${event.data.id} failed: ${event.data.error?.code}`)
  else console.log(`${event.type} at ${event.timestamp}`)
}

const app = new Hono()

app.post('/webhooks', async (c) => {
  const event = await verifyWebhook({ headers: c.req.raw.headers, body: await c.req.text(), secret })
  const id = c.req.header('webhook-id') ?? ''
  if (!seen.has(id)) {
    seen.add(id)
    // After the answer: a webhook that is not answered within 15 seconds comes again.
    setImmediate(() => act(event))
  }
  return c.body(null, 204)
})

app.onError((error, c) => {
  if (error instanceof WebhookVerificationError) return c.json({ error: error.code }, 400)
  console.error(error)
  return c.json({ error: 'internal' }, 500)
})

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 4000) }, ({ port }) => {
  console.log(`waiting for webhooks at http://localhost:${port}/webhooks`)
})
