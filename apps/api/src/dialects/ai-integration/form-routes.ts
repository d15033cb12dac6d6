/** GET and POST of one address per model: a page with a form, and what the form is sent to. */
import { isStored, isTerminal, type JobRecord, type Manifest, ProblemError, type StoredFile } from '@millrace/contracts'
import { type ShownInput, toResult } from '@millrace/dialects'
import type { ApiContext } from '../../http/api-deps.ts'
import { linkBase } from '../../http/links.ts'
import { withinLimit } from '../../http/limits/within-limit.ts'
import { tenantOf, type UnlistedRoute } from '../../http/router.ts'
import { findModel } from '../../models/find-model.ts'
import { readWholeInput } from '../../submit/read-whole-input.ts'
import { fileView } from '../../views/job-view.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { FileBytes } from '../file-bytes.ts'
import { MOST_WAIT } from '../intake.ts'
import { formPage } from './form-page.ts'
import { keyPage } from './key-page.ts'

/** Where a model keeps what its `get_next_input` was given. */
const KEY = 'x-ai-integration'

const PATH = '/ai_integration/{model}'
/** The handler asks for the key itself: a browser without one is shown a field for it. */
const page = { method: 'get', auth: 'signed', scope: 'models:read' } as const
const send = { method: 'post', audit: 'none', scope: 'jobs:write' } as const

const ROUTES: UnlistedRoute[] = [
  { ...send, path: PATH, operation: 'aiIntegrationRun' },
  { ...send, path: `${PATH}/`, operation: 'aiIntegrationRunSlashed' },
  { ...send, path: '/deepai/api/{model}', operation: 'deepaiRun' },
]

export function formRoutes(router: DialectRouter, deps: DialectDeps): void {
  const show = async (c: ApiContext) => {
    try {
      c.set('principal', await deps.authenticate(c, page.scope))
    } catch (error) {
      const isAsked = error instanceof ProblemError && error.code === 'unauthorized' && asksForPage(c)
      if (!isAsked) throw error
      // Says nothing of models: not whether there is one.
      const { html, headers } = keyPage(c.req.param('model') ?? '')
      return c.html(html, 401, headers)
    }
    const { html, headers } = formPage((await findModel(deps.cache, c)).manifest)
    return c.html(html, 200, headers)
  }
  router.addUnlisted({ ...page, path: PATH, operation: 'aiIntegrationPage' }, show)
  router.addUnlisted({ ...page, path: `${PATH}/`, operation: 'aiIntegrationPageSlashed' }, show)
  for (const route of ROUTES) router.addUnlisted(route, (c) => run(c, deps))
}

/** Browsers do, when somebody goes to an address. */
const asksForPage = (c: ApiContext): boolean => /\btext\/html\b/.test(c.req.header('accept') ?? '')

async function run(c: ApiContext, deps: DialectDeps): Promise<Response> {
  const { manifest } = await findModel(deps.cache, c)
  let missing: string | undefined
  const job = {
    model: manifest.name,
    read: async (files: Parameters<typeof readWholeInput>[1]) => {
      const body = await withinLimit(deps, tenantOf(c), ({ config }) =>
        readWholeInput(c.req.raw, files, { model: manifest, config }),
      )
      missing = requiredOf(manifest).find((key) => !Object.hasOwn(body.input, key))
      return body
    },
  }
  try {
    const record = await deps.doorway.submit(c, () => job, { seconds: MOST_WAIT })
    return await answer(c, deps, record, manifest)
  } catch (error) {
    // That server answers so before anything else is looked at, and as if nothing were wrong.
    if (missing !== undefined) return c.html(`Input not provided: ${missing}`)
    throw error
  }
}

const requiredOf = ({ input_schema: { required } }: Manifest): string[] =>
  Array.isArray(required) ? required.filter((key) => typeof key === 'string') : []

async function answer(c: ApiContext, deps: DialectDeps, record: JobRecord, manifest: Manifest): Promise<Response> {
  const base = linkBase(c, deps.config.publicUrl)
  if (!isTerminal(record.status)) {
    const location = `${base}/v1/jobs/${record.id}`
    return c.json({ id: record.id, output_url: null, output: null, status: record.status, url: location }, 202, {
      location,
    })
  }
  const bytes = new FileBytes(deps.objects)
  // The output first: it has the better right to the room.
  const file = record.output_files.find(({ pointer }) => pointer === '/data') ?? record.output_files[0]
  const outputUrl = file === undefined ? null : await addressOf(deps, base, bytes, file)
  const [output, inputs] = await Promise.all([
    deps.values.output(record, base),
    shownInputs(deps, { record, manifest, base, bytes }),
  ])
  const kept = manifest.input_schema[KEY]
  const visualizer = typeof kept === 'object' && kept !== null && 'visualizer' in kept ? kept.visualizer : null
  return c.json(toResult({ record, inputs, output, outputUrl, visualizer }))
}

/** A picture that is not large goes with the answer, as there; all else is told by an address that needs no key. */
async function addressOf({ signer }: DialectDeps, base: string, bytes: FileBytes, file: StoredFile): Promise<string> {
  const data = file.content_type.startsWith('image/') ? await bytes.base64(file) : undefined
  if (data !== undefined) return `data:${file.content_type};base64,${data}`
  return (await fileView(file, { signer, base })).url
}

interface ShownJob {
  record: JobRecord
  manifest: Manifest
  base: string
  bytes: FileBytes
}

/** The inputs in the order in which the model lists them. */
async function shownInputs(deps: DialectDeps, { record, manifest, base, bytes }: ShownJob): Promise<ShownInput[]> {
  const input = await deps.values.input(record, base)
  const given = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {}
  const { properties } = manifest.input_schema
  const names = typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
  const shown: ShownInput[] = []
  for (const name of names) {
    if (!Object.hasOwn(given, name)) continue
    const file = record.input_files.find(({ pointer }) => pointer === `/${name}`)
    if (file && isStored(file)) shown.push({ is_img: true, url: await addressOf(deps, base, bytes, file) })
    else shown.push({ is_img: file !== undefined, url: file ? String(given[name]) : textAddress(given[name]) })
  }
  return shown
}

const textAddress = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return `data:text/plain;base64,${Buffer.from(text).toString('base64')}`
}
