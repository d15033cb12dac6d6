/** A receiver of webhooks for tests. It keeps what it is sent and answers as it is told. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ReceivedWebhook {
  path: string
  id: string
  body: string
  headers: Record<string, string>
  /** The status that it answered. */
  answered: number | 'hang'
  /** Unix time in milliseconds. */
  at: number
}

export interface WebhookReceiver {
  url: string
  port: number
  readonly got: ReceivedWebhook[]
  /** Decides the status of each answer. Default: 204. `hang` sends no answer. */
  answer: (webhook: ReceivedWebhook) => number | 'hang'
  close(): Promise<void>
}

/** Starts it on a free loopback port, or on a given one. */
export async function startWebhookReceiver(port = 0): Promise<WebhookReceiver> {
  const got: ReceivedWebhook[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => undefined)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
      const body = Buffer.concat(chunks).toString()
      const [path, id] = [request.url ?? '', headers['webhook-id'] ?? '']
      const webhook: ReceivedWebhook = { path, id, body, headers, answered: 'hang', at: Date.now() }
      got.push(webhook)
      webhook.answered = receiver.answer(webhook)
      if (webhook.answered !== 'hang') response.writeHead(webhook.answered).end()
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  const listening = (server.address() as AddressInfo).port
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${listening}`,
    port: listening,
    got,
    answer: () => 204,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return receiver
}
