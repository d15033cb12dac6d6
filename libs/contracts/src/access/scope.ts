/** What a key may do: the scopes, and the presets that name several at once. Read by the routes of the API and by the CLI. */
import { z } from 'zod'

/** Each route names the one that it needs. The text stands in the documents. */
export const SCOPES = {
  'jobs:write': 'Submit jobs, and run failed ones again.',
  'jobs:read': 'Read jobs, their events and the content of their files, and what was used.',
  'jobs:cancel': 'Cancel jobs and purge them.',
  files: 'Upload files, read them and delete them.',
  webhooks: 'Read and change webhook endpoints, the signing secret and deliveries.',
  'models:read': 'Read models, their schemas and versions.',
  metrics: 'Read the measurements of the whole service, which name all tenants.',
  admin: 'Everything, for all tenants: keys, limits, workers and models.',
} as const satisfies Record<string, string>

export type Scope = keyof typeof SCOPES

export const ALL_SCOPES = Object.keys(SCOPES) as [Scope, ...Scope[]]

/** A preset may be given in the place of a scope. */
export const SCOPE_PRESETS = {
  client: ['jobs:write', 'jobs:read', 'jobs:cancel', 'files', 'models:read'],
  viewer: ['jobs:read', 'models:read'],
  operator: ['jobs:write', 'jobs:read', 'jobs:cancel', 'files', 'webhooks', 'models:read', 'metrics'],
} as const satisfies Record<string, readonly Scope[]>

export type ScopePreset = keyof typeof SCOPE_PRESETS

const PRESETS = Object.keys(SCOPE_PRESETS) as [ScopePreset, ...ScopePreset[]]

const SEVERAL = `${PRESETS.slice(0, -1).join(', ')} or ${PRESETS.at(-1)}`

export const scopeSchema = z.enum(ALL_SCOPES)

/** Scopes and presets as an operator names them. Reads as scopes, each once, in the order of the table. */
export const scopesSchema = z
  .array(z.enum([...ALL_SCOPES, ...PRESETS]))
  .min(1)
  .max(20)
  .describe(`What the key may do: scopes, or ${SEVERAL} for several at once.`)

export function scopesOf(named: readonly (Scope | ScopePreset)[]): Scope[] {
  const given = new Set(named.flatMap((name): readonly Scope[] => (isPreset(name) ? SCOPE_PRESETS[name] : [name])))
  return ALL_SCOPES.filter((scope) => given.has(scope))
}

const isPreset = (name: string): name is ScopePreset => Object.hasOwn(SCOPE_PRESETS, name)
