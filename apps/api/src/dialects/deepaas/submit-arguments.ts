/** Submits what a request to predict or train says, and answers what is wrong with its arguments as marshmallow would. */
import { type JobKind, type JobRecord, type Manifest, ProblemError } from '@millrace/contracts'
import { argumentMessages } from '@millrace/dialects'
import type { ApiContext } from '../../http/api-deps.ts'
import { withinLimit } from '../../http/limits/within-limit.ts'
import { tenantOf } from '../../http/router.ts'
import { readWholeInput } from '../../submit/read-whole-input.ts'
import type { DialectDeps } from '../dialect.ts'

/** A record, or the answer to a request that was refused. */
export async function submitArguments(
  c: ApiContext,
  deps: DialectDeps,
  { manifest, kind, seconds }: { manifest: Manifest; kind: JobKind; seconds: number },
): Promise<JobRecord | Response> {
  const schema = kind === 'training' ? manifest.training?.input_schema : manifest.input_schema
  const beside = besideBody(c, schema ?? {})
  let given: unknown
  const wanted = { model: manifest, kind, beside, ignoresUnknown: listsArguments(schema ?? {}) }
  try {
    return await deps.doorway.submit(
      c,
      () => ({
        model: manifest.name,
        read: async (files) => {
          const body = await withinLimit(deps, tenantOf(c), ({ config }) =>
            readWholeInput(c.req.raw, files, { ...wanted, config }),
          )
          given = wrapLists(body.input, schema ?? {})
          return body
        },
      }),
      { seconds },
    )
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== 'invalid_input') throw error
    return new Response(JSON.stringify(argumentMessages(error.options.errors ?? [], schema ?? {}, given)), {
      status: 422,
      headers: { 'content-type': 'application/json', 'x-should-retry': 'false' },
    })
  }
}

/** Where a list is wanted, one value is a list of it, also in JSON. */
function wrapLists(input: Record<string, unknown>, { properties }: Record<string, unknown>): Record<string, unknown> {
  for (const [name, field] of Object.entries(properties ?? {})) {
    const isList = (field as Record<string, unknown> | null)?.type === 'array'
    const value = Object.hasOwn(input, name) ? input[name] : null
    if (isList && value !== null && !Array.isArray(value)) input[name] = [value]
  }
  return input
}

/** A model that lists none takes any. */
const listsArguments = ({ properties }: Record<string, unknown>): boolean =>
  typeof properties === 'object' && properties !== null && Object.keys(properties).length > 0

/** The query comes before the body, and before both come the arguments that the model wants as headers. */
function besideBody(c: ApiContext, { properties }: Record<string, unknown>): { name: string; bytes: Buffer }[] {
  const query = [...new URL(c.req.url).searchParams].map(([name, value]) => ({ name, bytes: Buffer.from(value) }))
  const named = new Set(query.map(({ name }) => name))
  const fields = typeof properties === 'object' && properties !== null ? Object.entries(properties) : []
  const headers = fields.flatMap(([name, field]) => {
    const place = (field as Record<string, unknown> | null)?.['x-deepaas-location']
    const value = place === 'headers' && !named.has(name) ? c.req.header(name) : undefined
    return value === undefined ? [] : [{ name, bytes: Buffer.from(value) }]
  })
  return [...query, ...headers]
}
