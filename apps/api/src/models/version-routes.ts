/** GET /v1/models/{model}/versions: which versions there are, who serves them, and what waits for whom. */
import { modelNameSchema } from '@millrace/contracts'
import {
  contractsOf,
  isPinned,
  lineOfVersion,
  linesOf,
  type ModelReader,
  type ModelSteering,
  type ModelVersions,
  type Steering,
  STEERING_EVENTS,
} from '@millrace/queue'
import { z } from 'zod'
import type { ApiContext } from '../http/api-deps.ts'
import { findModel, MODEL_ABSENT } from './find-model.ts'
import { pauseSchema } from './pause-routes.ts'
import { mayDo } from '../http/access/principal.ts'
import { json, principalOf, type Route, type Router } from '../http/router.ts'

const count = z.number().int().min(0)

export const guardSchema = z.object({
  jobs: z
    .number()
    .int()
    .min(10)
    .max(100_000)
    .default(50)
    .describe('So many of its jobs are waited for before it is compared, and again each time.'),
  margin: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('By how much of 1 its share of failed jobs must be above that of all others, and by more than chance.'),
})

/** Others' jobs are counted there too. */
const OF_ALL = 'Null for a key without the scope admin, for it counts the jobs of all tenants.'

const returnedSchema = z.object({
  at: z.iso.datetime(),
  share: z.number().describe('The share that it had.'),
  failed: count.describe('Its failed jobs, of `jobs`.'),
  jobs: count,
  others_failed: count.describe(
    'The failed jobs of all other versions of the split in the same time, of `others_jobs`.',
  ),
  others_jobs: count,
})

const versionSchema = z
  .object({
    object: z.literal('model_version'),
    version: z.string(),
    current: z.boolean().describe('Whether submits that name no version are checked against this one.'),
    introduced_at: z.iso.datetime().describe('When a worker published it first.'),
    workers: count.describe('Number of workers that have it ready.'),
    queued: count.nullable().describe(`Number of jobs that wait for exactly this version. ${OF_ALL}`),
    paused: pauseSchema.nullable().describe('Somebody has paused the version, or the whole model.'),
    traffic: z
      .number()
      .nullable()
      .describe('Its share of submits that name no version, in percent. Null without a split.'),
    outcomes: z
      .object({ succeeded: count, failed: count })
      .nullable()
      .describe(
        `How jobs ended that the split gave to it. Failures are the model’s own. Null without a split. ${OF_ALL}`,
      ),
    returned: returnedSchema.nullable().describe(`Why it lost its share by itself. Null when it did not. ${OF_ALL}`),
    contracts: z
      .array(z.string())
      .describe('The contracts it serves: jobs that name no version wait for one of these.'),
  })
  .meta({ id: 'ModelVersion' })

const contractSchema = z
  .object({
    contract: z.string().describe('Names a pair of input and output schema.'),
    queued: count.nullable().describe(`Number of jobs that were accepted by it and wait. ${OF_ALL}`),
    workers: count.describe('Number of workers that serve it.'),
    places: count.describe('Number of jobs that these can run at once, without those that are paused.'),
    paused: z.boolean().describe('No worker is given its jobs, because the model or every version of it is paused.'),
    versions: z.array(z.string()).describe('Known versions that serve it.'),
    note: z.string().nullable().describe('Says so when jobs wait and no worker serves it.'),
  })
  .meta({ id: 'ModelContract' })

const eventSchema = z
  .object({
    at: z.iso.datetime(),
    type: z.enum(STEERING_EVENTS),
    version: z.string().optional(),
    from: z.string().optional().describe('The version that was current before.'),
    follows: z.boolean().optional().describe('Whether the newest version is current from then on, whichever that is.'),
    shares: z.array(z.object({ version: z.string(), share: z.number() })).optional(),
    ...{ share: z.number().optional(), failed: count.optional(), jobs: count.optional() },
    ...{ others_failed: count.optional(), others_jobs: count.optional() },
  })
  .meta({ id: 'SteeringEvent' })

export const versionListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(versionSchema),
    contracts: z.array(contractSchema),
    current: z.object({
      version: z.string().nullable(),
      set_by: z.enum(['operator', 'newest']).describe('`newest`: the version that was published last.'),
      previous: z.string().nullable().describe('The version that a rollback makes current.'),
    }),
    guard: guardSchema.nullable().describe('When a version of the split loses its share by itself. Null: never.'),
    events: z.array(eventSchema).describe('What happened to the versions, the newest first, at most 20.'),
  })
  .meta({ id: 'ModelVersionList' })

const route: Route = {
  method: 'get',
  path: '/v1/models/{model}/versions',
  operation: 'listVersions',
  summary: 'List the versions of a model',
  tag: 'Models',
  scope: 'models:read',
  request: { params: z.object({ model: modelNameSchema }) },
  responses: {
    200: json('Its versions, the newest first, and what waits for them.', versionListSchema),
  },
  problems: MODEL_ABSENT,
}

export interface VersionRouteDeps {
  models: Pick<ModelReader, 'versions' | 'loads'>
  steering: ModelSteering
}

export function versionRoutes(router: Router, deps: VersionRouteDeps): void {
  router.add(route, async (c) => c.json(await viewVersions(c, deps)))
}

/** What all routes about the versions of a model answer. Throws ProblemError; see findModel. */
export async function viewVersions(c: ApiContext, { models, steering }: VersionRouteDeps): Promise<VersionList> {
  const known = await findModel({ get: (name) => models.versions(name), loads: () => models.loads() }, c)
  const list = listOf(known, await steering.steering(c.req.param('model') ?? ''))
  return mayDo(principalOf(c), 'admin') ? list : withoutCounts(list)
}

/** What others do is not told. */
function withoutCounts({ data, contracts, events, ...list }: VersionList): VersionList {
  return {
    ...list,
    data: data.map((version) => ({ ...version, queued: null, outcomes: null, returned: null })),
    contracts: contracts.map((contract) => ({ ...contract, queued: null, note: null })),
    events: events.map(({ at, type, version, from, follows, shares, share }) => ({
      ...{ at, type, version, from, follows, shares, share },
    })),
  }
}

export type VersionList = z.infer<typeof versionListSchema>

function listOf(known: ModelVersions, steering: Steering): VersionList {
  const current = known.versions.find(({ isCurrent }) => isCurrent)?.manifest.version ?? null
  const { isSet, previous, guard, events } = steering
  return {
    object: 'list',
    data: versionsOf(known, steering),
    contracts: viewsOfContracts(known),
    current: { version: current, set_by: isSet ? 'operator' : 'newest', previous },
    ...{ guard, events },
  }
}

function versionsOf(
  { versions, lines, pauses }: ModelVersions,
  { traffic, outcomes, returned }: Steering,
): z.infer<typeof versionSchema>[] {
  const queuedIn = new Map(lines.map(({ line, queued }) => [line, queued]))
  return versions.map(({ manifest, isCurrent, introducedAt, workers }) => {
    const queued = queuedIn.get(lineOfVersion(manifest.version)) ?? 0
    return {
      ...{ object: 'model_version', version: manifest.version, current: isCurrent, introduced_at: introducedAt },
      traffic: traffic.find(({ version }) => version === manifest.version)?.share ?? (traffic.length > 0 ? 0 : null),
      ...{ outcomes: outcomes.get(manifest.version) ?? null, returned: returned.get(manifest.version) ?? null },
      ...{ workers, queued, contracts: contractsOf(manifest).map(nameOf) },
      paused: pauses.versions[manifest.version] ?? pauses.model,
    }
  })
}

function viewsOfContracts({ versions, lines }: ModelVersions): z.infer<typeof contractSchema>[] {
  const called = new Set(versions.flatMap(({ manifest }) => contractsOf(manifest)))
  return lines
    .filter(({ line, queued }) => called.has(line) || (queued > 0 && !isPinned(line)))
    .map(({ line, queued, workers, places, paused }) => ({
      ...{ contract: nameOf(line), queued, workers, places, paused },
      versions: versions.flatMap(({ manifest }) => (linesOf(manifest).includes(line) ? [manifest.version] : [])),
      note: queued > 0 && workers === 0 ? 'No worker serves this contract: its jobs wait until one does.' : null,
    }))
}

/** A contract as clients see it, without the mark of its kind of line. */
const nameOf = (line: string): string => line.slice(2)
