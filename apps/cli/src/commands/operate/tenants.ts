/** `millrace tenants`: the limits of tenants; and for every key what is left of its own. */
import { type Tenant, TENANT_SETTING_NAMES, TENANT_SETTINGS, type TenantSetting } from '@millrace/contracts'
import { AT_ONCE, JSON_FLAG, URL_FLAG } from '../../client/connect.ts'
import type { Command } from '../../command/command.ts'
import { UsageError } from '../../command/command-error.ts'
import { numberFlag } from '../../command/read-flags.ts'
import { only, runVerb, type Verb } from '../../client/run-verb.ts'
import { table } from '../../terminal/format.ts'

const LIMIT = 50

const VERBS: Record<string, Verb> = {
  async list(client, _args, flags) {
    const found: Tenant[] = []
    const limit = numberFlag(flags, 'limit', { whole: true }) ?? LIMIT
    for await (const tenant of client.tenants.list({ ...AT_ONCE, limit })) found.push(tenant)
    const rows = found.map(({ id, settings }) => [id, wordsOf(settings)])
    return { value: found, lines: found.length === 0 ? ['There is no tenant.'] : [table([['ID', 'SET'], ...rows])] }
  },
  async show(client, args) {
    const tenant = await client.tenants.get(only(args, 'ID'), AT_ONCE)
    return { value: tenant, lines: [tableOf(tenant)] }
  },
  async set(client, [id, ...words]) {
    if (id === undefined || words.length === 0) throw new UsageError('`millrace tenants set` takes ID and NAME=NUMBER')
    const tenant = await client.tenants.change(id, Object.fromEntries(words.map(changeOf)), AT_ONCE)
    return { value: tenant, lines: [tableOf(tenant), 'In force everywhere within 2 seconds.'] }
  },
  async own(client, args) {
    if (args.length > 0) throw new UsageError('`millrace tenants own` takes no argument')
    const own = await client.tenants.own(AT_ONCE)
    const rows = TENANT_SETTING_NAMES.map((name) => {
      const { limit, used, remaining, resets_at } = own.limits[name]
      return [name, shown(limit), shown(used, '-'), shown(remaining, '-'), resets_at ?? '-']
    })
    return { value: own, lines: [`Tenant ${own.id}`, table([['LIMIT', 'MOST', 'USED', 'LEFT', 'RESETS'], ...rows])] }
  },
}

export const tenantsCommand: Command = {
  name: 'tenants',
  about: 'Show and change the limits of tenants, while everything runs.',
  args: `${Object.keys(VERBS).join('|')} [ID] [NAME=NUMBER]`,
  details: [
    '',
    'list               tenants, and what is set for each',
    'show ID            what is set, and what holds with it',
    'set ID NAME=5 …    changes some settings; NAME=default clears one',
    'own                what holds for the tenant of this key, and what is left of it',
    '',
    ...TENANT_SETTING_NAMES.map((name) => `${name.padEnd(24)}${TENANT_SETTINGS[name].about}`),
  ],
  example: 'millrace tenants set acme running_jobs=4 weight=5',
  flags: [{ name: 'limit', type: 'string', about: `list: how many at most; default ${LIMIT}.` }, JSON_FLAG, URL_FLAG],
  run: (context) => runVerb('tenants', VERBS, context),
}

/** Of NAME=NUMBER. Whether the number may be that, the server says. */
function changeOf(word: string): [TenantSetting, number | null] {
  const [name = '', value = ''] = word.split('=', 2)
  if (!isSetting(name)) throw new UsageError(`${name} is no setting: ${TENANT_SETTING_NAMES.join(', ')}`)
  if (value === 'default') return [name, null]
  if (!/^-?\d+$/.test(value)) throw new UsageError(`${name} takes a whole number, or default`)
  return [name, Number(value)]
}

const isSetting = (name: string): name is TenantSetting => Object.hasOwn(TENANT_SETTINGS, name)

const wordsOf = (settings: Tenant['settings']): string =>
  TENANT_SETTING_NAMES.flatMap((name) => (settings[name] === null ? [] : [`${name}=${settings[name]}`])).join(' ')

function tableOf({ settings, in_force }: Tenant): string {
  const rows = TENANT_SETTING_NAMES.map((name) => [name, shown(settings[name], '-'), shown(in_force[name])])
  return table([['SETTING', 'SET', 'IN FORCE'], ...rows])
}

const shown = (value: number | null, none = 'no limit'): string => (value === null ? none : String(value))
