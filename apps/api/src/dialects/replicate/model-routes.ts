/** Models, their versions, the search for them, and deployments (another name for models), as Replicate's clients read them. */
import { type Manifest, ProblemError } from '@millrace/contracts'
import { canonicalVersion, withoutModel } from '@millrace/dialects'
import { mayUseModel } from '../../http/access/principal.ts'
import type { ApiContext } from '../../http/api-deps.ts'
import { noteAudit } from '../../http/audit/auditor.ts'
import { readBody } from '../../http/body/read-body.ts'
import { smallJsonOf } from '../../http/body/small-json.ts'
import { parseRequest } from '../../http/request-faults.ts'
import { principalOf, type UnlistedRoute } from '../../http/router.ts'
import { findNamed } from '../../models/find-model.ts'
import { z } from 'zod'
import { cogDocument } from '../cog/cog-document.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { BASE } from './predictions.ts'

const route = (path: string, operation: string): UnlistedRoute => ({
  ...{ method: 'get', path: `${BASE}${path}`, operation: `replicate${operation}`, scope: 'models:read' },
})

const ROUTES = {
  list: route('/models', 'ListModels'),
  search: { ...route('/models', 'SearchModels'), method: 'query' } as UnlistedRoute,
  read: route('/models/{owner}/{model}', 'GetModel'),
  versions: route('/models/{owner}/{model}/versions', 'ListVersions'),
  version: route('/models/{owner}/{model}/versions/{version}', 'GetVersion'),
  readme: route('/models/{owner}/{model}/readme', 'GetReadme'),
  deployments: route('/deployments', 'ListDeployments'),
  deployment: route('/deployments/{owner}/{model}', 'GetDeployment'),
  update: {
    ...{ method: 'patch', path: `${BASE}/deployments/{owner}/{model}`, operation: 'replicateUpdateDeployment' },
    ...{ audit: 'model.promote', scope: 'admin' },
  } as UnlistedRoute,
}

/** Which devices run a model, and how many, is a matter of workers: nobody asks for them here. */
const updateSchema = z.object({
  version: z
    .string({ error: 'expected the id of a version; nothing else of a deployment can be changed' })
    .min(1)
    .max(256),
})

/** Of a search. Bytes. */
const MOST_BYTES = 4096
const PAGE = 100

export function modelRoutes(router: DialectRouter, deps: DialectDeps): void {
  const models = new Models(deps)
  router.addUnlisted(ROUTES.list, (c) => models.list(c))
  router.addUnlisted(ROUTES.search, (c) => models.search(c))
  router.addUnlisted(ROUTES.read, async (c) => c.json(models.show(await models.find(c))))
  router.addUnlisted(ROUTES.versions, (c) => models.versions(c))
  router.addUnlisted(ROUTES.version, (c) => models.version(c))
  router.addUnlisted(ROUTES.readme, async (c) => c.text((await models.find(c)).manifest.description))
  router.addUnlisted(ROUTES.deployments, (c) => models.deployments(c))
  router.addUnlisted(ROUTES.deployment, async (c) => c.json(models.deployment(await models.find(c))))
  router.addUnlisted(ROUTES.update, (c) => models.update(c))
}

/** A version, and since when it is known. */
interface Known {
  manifest: Manifest
  since: string
}

class Models {
  readonly #deps: DialectDeps

  constructor(deps: DialectDeps) {
    this.#deps = deps
  }

  /** The current version of the model in the path. */
  async find(c: ApiContext): Promise<Known> {
    const versions = await this.#versionsOf(c, c.req.param('model'))
    const { manifest } = await findNamed(this.#deps.cache, principalOf(c), c.req.param('model'))
    return versions.find((one) => one.manifest.version === manifest.version) ?? { manifest, since: EPOCH }
  }

  async list(c: ApiContext): Promise<Response> {
    return c.json(page((await this.#all(c)).map((known) => this.show(known))))
  }

  /** The words may come as a text, as JSON, or as a text that says that it is JSON: so each client writes them. */
  async search(c: ApiContext): Promise<Response> {
    const text = Buffer.from(await readBody(c.req.raw, MOST_BYTES)).toString()
    const words = text
      .toLowerCase()
      .replaceAll(/^[\s"]+|[\s"]+$/g, '')
      .split(/\s+/)
    const all = await this.#all(c)
    const found = all.filter(({ manifest: { name, description } }) =>
      words.every((word) => `${name} ${description}`.toLowerCase().includes(word)),
    )
    return c.json(page(found.map((known) => this.show(known))))
  }

  async versions(c: ApiContext): Promise<Response> {
    const versions = await this.#versionsOf(c, c.req.param('model'))
    return c.json(page(versions.slice(0, PAGE).map(showVersion)))
  }

  async version(c: ApiContext): Promise<Response> {
    const id = withoutModel(c.req.param('version') ?? '', c.req.param('model') ?? '')
    const known = (await this.#versionsOf(c, c.req.param('model'))).find(({ manifest }) => manifest.version === id)
    if (!known) throw new ProblemError('not_found', { detail: 'There is no such version.' })
    return c.json(showVersion(known))
  }

  async deployments(c: ApiContext): Promise<Response> {
    return c.json(page((await this.#all(c)).map((known) => this.deployment(known))))
  }

  /** Its version is the current one of the model. What else a deployment has is not chosen here. */
  async update(c: ApiContext): Promise<Response> {
    const { version: given } = parseRequest(updateSchema, await smallJsonOf(c))
    const { name } = (await this.find(c)).manifest
    const version = withoutModel(given, name)
    const known = (await this.#versionsOf(c, name)).find(({ manifest }) => manifest.version === version)
    const isSet = known !== undefined && (await this.#deps.steering.promote(name, version)) !== 'missing'
    if (!known || !isSet) throw new ProblemError('version_not_available', { detail: `There is no version ${version}.` })
    noteAudit(c, { after: { version } })
    return c.json(this.deployment(known))
  }

  show(known: Known): Record<string, unknown> {
    const { name, description, examples } = known.manifest
    const owner = this.#deps.config.replicateOwner
    return {
      ...{ url: `${this.#deps.config.publicUrl ?? ''}${BASE}/models/${owner}/${name}`, owner, name, description },
      ...{ visibility: 'private', is_official: false, github_url: null, paper_url: null, license_url: null },
      ...{ run_count: 0, cover_image_url: null, default_example: null, latest_version: showVersion(known) },
      ...(examples && { examples: examples.map(({ input }) => ({ input })) }),
    }
  }

  deployment({ manifest: { name, version }, since }: Known): Record<string, unknown> {
    const owner = this.#deps.config.replicateOwner
    const by = { type: 'organization', username: owner, name: owner, avatar_url: '', github_url: '' }
    return {
      ...{ owner, name },
      current_release: {
        ...{ number: 1, model: `${owner}/${name}`, version: canonicalVersion(name, version), created_at: since },
        ...{ created_by: by, configuration: { hardware: 'any', min_instances: 0, max_instances: 1 } },
      },
    }
  }

  async #all(c: ApiContext): Promise<Known[]> {
    const states = await this.#deps.models.list()
    const usable = states.filter(({ manifest }) => mayUseModel(principalOf(c), manifest.name)).slice(0, PAGE)
    return Promise.all(
      usable.map(async ({ manifest }) => {
        const known = await this.#deps.models.versions(manifest.name)
        const own = known?.versions.find((one) => one.manifest.version === manifest.version)
        return { manifest, since: own?.introducedAt ?? EPOCH }
      }),
    )
  }

  async #versionsOf(c: ApiContext, model: string | undefined): Promise<Known[]> {
    const { models } = this.#deps
    const registry = { get: (name: string) => models.versions(name), loads: () => models.loads() }
    const { versions } = await findNamed(registry, principalOf(c), model)
    return versions.map(({ manifest, introducedAt }) => ({ manifest, since: introducedAt }))
  }
}

const EPOCH = '1970-01-01T00:00:00.000Z'

const page = (results: unknown[]) => ({ previous: null, next: null, results })

const showVersion = ({ manifest, since }: Known): Record<string, unknown> => ({
  ...{ id: canonicalVersion(manifest.name, manifest.version), created_at: since },
  ...{ cog_version: '0.16.12', openapi_schema: cogDocument(manifest) },
})
