/** `millrace keys`: the keys of the API, of all tenants. Needs a key with the scope admin, such as MILLRACE_API_KEY. */
import { type ApiKey, SCOPE_PRESETS, SCOPES } from '@millrace/contracts'
import { AT_ONCE, JSON_FLAG, URL_FLAG } from '../../client/connect.ts'
import type { Command } from '../../command/command.ts'
import { UsageError } from '../../command/command-error.ts'
import { durationFlag, numberFlag, textFlag, wordsFlag } from '../../command/read-flags.ts'
import { only, runVerb, type Verb } from '../../client/run-verb.ts'
import { formatSeconds, table } from '../../terminal/format.ts'
import { plainText } from '../../terminal/plain-text.ts'

const LIMIT = 50
const WORDS = [...Object.keys(SCOPES), ...Object.keys(SCOPE_PRESETS)] as (
  | keyof typeof SCOPES
  | keyof typeof SCOPE_PRESETS
)[]

const VERBS: Record<string, Verb> = {
  async list(client, _args, flags) {
    const found: ApiKey[] = []
    const limit = numberFlag(flags, 'limit', { whole: true }) ?? LIMIT
    for await (const key of client.keys.list({ ...AT_ONCE, tenant: textFlag(flags, 'tenant'), limit })) found.push(key)
    const rows = [['ID', 'TENANT', 'NAME', 'STATE', 'SCOPES', 'MODELS', 'USED', 'EXPIRES'], ...found.map(rowOf)]
    return { value: found, lines: found.length === 0 ? ['There is no key.'] : [table(rows)] }
  },
  async create(client, args, flags) {
    if (args.length > 0) throw new UsageError('`millrace keys create` takes flags only')
    const scopes = wordsFlag(flags, 'scope', WORDS)
    const name = textFlag(flags, 'name')
    if (!scopes || name === undefined) throw new UsageError('--name and --scope are needed')
    const seconds = durationFlag(flags, 'expires')
    const made = await client.keys.create(
      {
        ...{ name, scopes, tenant: textFlag(flags, 'tenant') },
        models: textFlag(flags, 'models')
          ?.split(',')
          .map((model) => model.trim()),
        expires_at: seconds === undefined ? null : new Date(Date.now() + seconds * 1000).toISOString(),
      },
      AT_ONCE,
    )
    return { value: made, lines: [made.key, `Shown this once. Its id is ${made.id}, its tenant ${made.tenant}.`] }
  },
  async revoke(client, args) {
    const key = await client.keys.revoke(only(args, 'ID'), AT_ONCE)
    return { value: key, lines: [`${key.id} is revoked; within 2 seconds it lets nobody in.`] }
  },
  async rotate(client, args, flags) {
    const id = only(args, 'ID')
    const made = await client.keys.rotate(id, { ...AT_ONCE, overlapSeconds: durationFlag(flags, 'overlap') })
    const old = await client.keys.get(id, AT_ONCE)
    return {
      value: made,
      lines: [made.key, `Shown this once. ${id} is valid until ${old.expires_at ?? 'it is revoked'}.`],
    }
  },
}

export const keysCommand: Command = {
  name: 'keys',
  about: 'Make, list, rotate and revoke the keys of the API.',
  args: `${Object.keys(VERBS).join('|')} [ID]`,
  details: [
    '',
    'create      a key of a tenant; its text is shown this once',
    'list        all keys, or those of one tenant; never their text',
    'rotate ID   a new key that may do the same; the old one is valid for the overlap yet',
    'revoke ID   within 2 seconds it lets nobody in',
    '',
    `Scopes: ${Object.keys(SCOPES).join(', ')}.`,
    ...Object.entries(SCOPE_PRESETS).map(([name, scopes]) => `${name} is ${scopes.join(', ')}.`),
  ],
  example: 'millrace keys create --tenant acme --name "web backend" --scope client --expires 90d',
  flags: [
    { name: 'tenant', type: 'string', about: 'create: whose key; default "default". list: only of this tenant.' },
    { name: 'name', type: 'string', about: 'create: what it is for.' },
    { name: 'scope', type: 'string', about: 'create: scopes or presets, with commas between.' },
    { name: 'models', type: 'string', about: 'create: the models that it may use, with commas between; default: all.' },
    { name: 'expires', type: 'string', about: 'create: after how long it ends, such as 90d or 12h; default: never.' },
    { name: 'overlap', type: 'string', about: 'rotate: how long the old key is valid yet; default 1d.' },
    { name: 'limit', type: 'string', about: `list: how many at most; default ${LIMIT}.` },
    JSON_FLAG,
    URL_FLAG,
  ],
  run: (context) => runVerb('keys', VERBS, context),
}

function rowOf({ id, tenant, name, status, scopes, models, last_used_at, expires_at }: ApiKey): string[] {
  const used = last_used_at === null ? 'never' : `${formatSeconds(Math.max(0, ageOf(last_used_at)))} ago`
  const ends = expires_at === null ? 'never' : expires_at.slice(0, 16).replace('T', ' ')
  return [id, tenant, plainText(name), status, scopes.join(' '), models?.join(' ') ?? 'all', used, ends]
}

const ageOf = (time: string): number => (Date.now() - Date.parse(time)) / 1000
