/** `millrace listen`: receives webhooks on one's own machine for as long as it runs, and shows them. */
import { EXIT } from '../../command/exit-codes.ts'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ApiError, type Client, verifyWebhook, WebhookVerificationError } from '@millrace/client'
import { ENDPOINT_EVENTS, type WebhookMessage } from '@millrace/contracts'
import { AT_ONCE, connect, URL_FLAG } from '../../client/connect.ts'
import { numberFlag, textFlag, wordsFlag } from '../../command/read-flags.ts'
import { CommandError, UsageError } from '../../command/command-error.ts'
import type { Command } from '../../command/command.ts'
import { plainText } from '../../terminal/plain-text.ts'

const PORT = 7077
/** This text marks the receiver at the server, so that one left behind by a killed `listen` is recognised. */
const DESCRIPTION = 'millrace listen'
const MOST_BYTES = 1024 * 1024
const FORWARD_MS = 10_000

export const listenCommand: Command = {
  name: 'listen',
  about: 'Receive webhooks on this machine, check them, and print each as a line.',
  details: [
    'Adds an endpoint at http://127.0.0.1:PORT to the server, and removes it at the end. The server must be on this machine',
    'and send to it: `millrace dev` does; others need MILLRACE_WEBHOOK_ALLOW_HOSTS=127.0.0.1 (API and worker).',
    '--forward passes each on as it came, with its headers; print and pass on its secret to your own code to verify it.',
  ],
  example: 'millrace listen --forward http://localhost:4000/webhooks',
  flags: [
    { name: 'port', type: 'string', about: `Port to listen on; default ${PORT}.` },
    { name: 'forward', type: 'string', about: 'Address to pass each webhook on to.' },
    { name: 'events', type: 'string', about: `Which of ${ENDPOINT_EVENTS.join(',')}; default: all.` },
    { name: 'print-secret', type: 'boolean', about: 'Print the secret, for the code that --forward leads to.' },
    URL_FLAG,
  ],
  async run(context) {
    const { flags } = context
    const forward = textFlag(flags, 'forward')
    if (forward !== undefined && !/^https?:\/\//.test(forward)) throw new UsageError('--forward takes an http address')
    const events = wordsFlag(flags, 'events', ENDPOINT_EVENTS) ?? [...ENDPOINT_EVENTS]
    const client = connect(context)
    let secret = ''
    const server = createServer((request, response) => {
      receive(request, secret, forward).then(
        (status) => response.writeHead(status).end(),
        () => response.writeHead(400).end(),
      )
    })
    const url = await listen(server, numberFlag(flags, 'port', { whole: true }) ?? PORT)
    let id: string | undefined
    try {
      await removeLeftovers(client, url)
      const added = await client.webhooks.add({ url, events, description: DESCRIPTION }, AT_ONCE).catch(explain)
      id = added.id
      secret = added.secret
      console.log(`Listening at ${url} for ${events.join(', ')}. Ctrl-C ends it.`)
      if (flags['print-secret'] === true) console.log(`WEBHOOK_SECRET=${secret}`)
      await interrupted()
      return EXIT.done
    } finally {
      if (id !== undefined) await client.webhooks.remove(id, { retries: 1 }).catch(() => undefined)
      server.close()
      server.closeAllConnections()
    }
  },
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new CommandError('port', `Port ${port} cannot be used (${error.code}); name another one with --port.`)),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

async function removeLeftovers(client: Client, url: string): Promise<void> {
  for (const one of await client.webhooks.endpoints(AT_ONCE)) {
    if (one.description === DESCRIPTION && one.url === url) await client.webhooks.remove(one.id)
  }
}

function explain(error: unknown): never {
  if (!(error instanceof ApiError) || error.code !== 'webhook_not_allowed') throw error
  throw new CommandError(
    'webhooks_refused',
    'The server does not send webhooks to this machine. `millrace dev` does while it listens to 127.0.0.1; any other\n' +
      'server needs MILLRACE_WEBHOOK_ALLOW_HOSTS=127.0.0.1, for its API and its workers, on this machine.',
  )
}

/** Resolves at the first signal that asks to end. */
const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })

/** Returns the status for the answer. When the webhook is passed on, it is the status of that receiver. */
async function receive(request: IncomingMessage, secret: string, forward: string | undefined): Promise<number> {
  const body = await readBody(request)
  let event: WebhookMessage
  try {
    event = await verifyWebhook({ headers: request.headers, body, secret })
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error
    console.log(`refused: ${error.message}`)
    return 400
  }
  const passed = forward === undefined ? undefined : await passOn(forward, request, body)
  console.log(
    plainText([event.timestamp, ...lineOf(event), ...(passed === undefined ? [] : [`-> ${passed}`])].join('  ')),
  )
  return typeof passed === 'number' ? passed : passed === undefined ? 204 : 502
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MOST_BYTES) throw new Error('too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function lineOf(event: WebhookMessage): string[] {
  if (event.type === 'webhook.test') return [event.type, event.data.message]
  if (event.type === 'batch.ended') return [event.type, event.data.id, event.data.status]
  const { model, id, error } = event.data
  const more =
    event.type === 'job.progress'
      ? `${Math.round(event.data.progress.fraction * 100)} % ${event.data.progress.message ?? ''}`
      : event.type === 'job.output'
        ? JSON.stringify(event.data.chunk).slice(0, 100)
        : error
          ? `${error.code}: ${error.message.split('\n', 1)[0]}`
          : ''
  return [event.type, model, id, more.trim()].filter((part) => part !== '')
}

/** Returns the status, or the reason why there was none. */
async function passOn(forward: string, request: IncomingMessage, body: Buffer): Promise<number | string> {
  const names = Object.keys(request.headers).filter((name) => name === 'content-type' || name.startsWith('webhook-'))
  const headers = Object.fromEntries(names.map((name) => [name, String(request.headers[name])]))
  try {
    const answer = await fetch(forward, {
      ...{ method: 'POST', headers, body: new Uint8Array(body), redirect: 'manual' },
      signal: AbortSignal.timeout(FORWARD_MS),
    })
    await answer.body?.cancel()
    return answer.status
  } catch {
    return 'no answer'
  }
}
