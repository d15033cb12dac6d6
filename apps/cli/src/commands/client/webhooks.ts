/** `millrace webhooks`: manages the receivers that are told of all jobs, and shows their deliveries. */
import { EXIT } from '../../command/exit-codes.ts'
import type { Client } from '@millrace/client'
import { DELIVERY_STATUSES, ENDPOINT_EVENTS, type WebhookDelivery, type WebhookEndpoint } from '@millrace/contracts'
import { AT_ONCE, JSON_FLAG, URL_FLAG } from '../../client/connect.ts'
import { formatSeconds, table } from '../../terminal/format.ts'
import { numberFlag, textFlag, wordFlag, wordsFlag } from '../../command/read-flags.ts'
import { only, runVerb, type Said, type Verb } from '../../client/run-verb.ts'
import { UsageError } from '../../command/command-error.ts'
import type { Command } from '../../command/command.ts'
import { plainText } from '../../terminal/plain-text.ts'

const LIMIT = 20
const TEST_MS = 30_000

const VERBS: Record<string, Verb> = {
  async list(client) {
    const endpoints = await client.webhooks.endpoints(AT_ONCE)
    const rows = [['ID', 'STATE', 'EVENTS', 'URL'], ...endpoints.map(rowOfEndpoint)]
    return { value: endpoints, lines: endpoints.length === 0 ? ['There is no endpoint.'] : [table(rows)] }
  },
  async add(client, args, flags) {
    const events = wordsFlag(flags, 'events', ENDPOINT_EVENTS)
    const description = textFlag(flags, 'description')
    const added = await client.webhooks.add({ url: only(args, 'URL'), events, description }, AT_ONCE)
    return { value: added, lines: [added.id, `Its secret, shown this once: ${added.secret}`] }
  },
  async remove(client, args) {
    const id = only(args, 'ID')
    await client.webhooks.remove(id, AT_ONCE)
    return { value: { id }, lines: [`${id} is removed.`] }
  },
  enable: async (client, args) => ofEndpoint(await client.webhooks.enable(only(args, 'ID'), AT_ONCE)),
  disable: async (client, args) => ofEndpoint(await client.webhooks.disable(only(args, 'ID'), AT_ONCE)),
  async rotate(client, args) {
    const turned = await client.webhooks.rotate(only(args, 'ID'), AT_ONCE)
    const lines = [`The new secret, shown this once: ${turned.secret}`, 'For 24 hours the old one signs along.']
    return { value: turned, lines }
  },
  async secret(client) {
    const secret = await client.webhooks.secret(AT_ONCE)
    return { value: { secret }, lines: [secret] }
  },
  async 'rotate-secret'(client) {
    const secret = await client.webhooks.rotateSecret(AT_ONCE)
    return { value: { secret }, lines: [secret] }
  },
  async test(client, args) {
    const sent = await client.webhooks.test(only(args, 'ID'), AT_ONCE)
    const ended = await settled(client, sent)
    const lines = [
      ended.status === 'delivered' ? 'It arrived.' : `It did not arrive: ${noteOf(ended) || ended.status}.`,
    ]
    return { value: ended, lines, code: ended.status === 'delivered' ? EXIT.done : EXIT.failed }
  },
  async deliveries(client, _args, flags) {
    const options = {
      ...AT_ONCE,
      job: textFlag(flags, 'job'),
      endpoint: textFlag(flags, 'endpoint'),
      status: wordFlag(flags, 'status', DELIVERY_STATUSES),
      limit: numberFlag(flags, 'limit', { whole: true }) ?? LIMIT,
    }
    const found: WebhookDelivery[] = []
    for await (const delivery of client.webhooks.deliveries(options)) found.push(delivery)
    const rows = [['ID', 'EVENT', 'STATUS', 'TRIES', 'AGE', 'HOST', 'NOTE'], ...found.map(rowOfDelivery)]
    return { value: found, lines: found.length === 0 ? ['There are no such deliveries.'] : [table(rows)] }
  },
  async body(client, args) {
    const body = await client.webhooks.body(only(args, 'ID'), AT_ONCE)
    return { value: JSON.parse(body) as unknown, lines: [plainText(body, body.length)] }
  },
  async redeliver(client, args, flags) {
    const id = only(args, 'ID')
    if (!id.startsWith('whe_')) {
      return { value: await client.webhooks.redeliver(id, AT_ONCE), lines: [`${id} is due now.`] }
    }
    const since = textFlag(flags, 'since')
    if (since === undefined || Number.isNaN(Date.parse(since))) {
      throw new UsageError('for an endpoint, --since is needed, such as 2026-01-31T12:00:00Z')
    }
    const count = await client.webhooks.redeliverFailed(id, new Date(since).toISOString(), AT_ONCE)
    return { value: { count }, lines: [`${count} are due now.`] }
  },
}

export const webhooksCommand: Command = {
  name: 'webhooks',
  about: 'Say who is told of all jobs, and see how that went.',
  args: `${Object.keys(VERBS).join('|')} [URL or ID]`,
  details: [
    '',
    'list, add URL, remove ID, enable ID, disable ID  the endpoints that are told of every job',
    'rotate ID                                        a new secret for one',
    'test ID                                          send a test, and say whether it arrived',
    'secret, rotate-secret                            what signs webhooks to an address that came with a job',
    'body ID                                          what a delivery sends',
    'deliveries, redeliver ID                         what was sent; send it again (for an endpoint: all that failed)',
  ],
  example: 'millrace webhooks add https://example.com/hooks --events job.succeeded,job.failed',
  flags: [
    { name: 'events', type: 'string', about: `add: which of ${ENDPOINT_EVENTS.join(',')}; default: how a job ends.` },
    { name: 'description', type: 'string', about: 'add: your own words.' },
    { name: 'job', type: 'string', about: 'deliveries: only of this job.' },
    { name: 'endpoint', type: 'string', about: 'deliveries: only to this endpoint.' },
    { name: 'status', type: 'string', about: `deliveries: only ${DELIVERY_STATUSES.join(', ')}.` },
    { name: 'limit', type: 'string', about: `deliveries: how many at most; default ${LIMIT}.` },
    { name: 'since', type: 'string', about: 'redeliver: what was made then or later, ISO 8601.' },
    JSON_FLAG,
    URL_FLAG,
  ],
  run: (context) => runVerb('webhooks', VERBS, context),
}

const stateOf = ({ disabled }: WebhookEndpoint): string => (disabled ? `disabled (${disabled.reason})` : 'enabled')

const rowOfEndpoint = (endpoint: WebhookEndpoint): string[] => [
  endpoint.id,
  stateOf(endpoint),
  endpoint.events.map((event) => event.replace('job.', '')).join(','),
  plainText(endpoint.url),
]

const ofEndpoint = (endpoint: WebhookEndpoint): Said => ({
  value: endpoint,
  lines: [`${endpoint.id} is ${stateOf(endpoint)}.`],
})

function rowOfDelivery(delivery: WebhookDelivery): string[] {
  const { id, event, status, tries_made, created_at, host } = delivery
  const age = formatSeconds(Math.max(0, (Date.now() - Date.parse(created_at)) / 1000))
  return [id, event, status, String(tries_made), age, plainText(host), noteOf(delivery)]
}

function noteOf({ tries }: WebhookDelivery): string {
  const last = tries.at(-1)
  return last?.error ? `${last.error}${last.status === null ? '' : ` ${last.status}`}` : ''
}

/** The delivery when it has ended, or its present state when that takes too long. */
async function settled(client: Client, sent: WebhookDelivery): Promise<WebhookDelivery> {
  const endMs = Date.now() + TEST_MS
  let last = sent
  while (last.status === 'pending' && Date.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    last = await client.webhooks.delivery(sent.id)
  }
  return last
}
