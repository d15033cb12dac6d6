/** GET /v1/models/{model}/versions: which versions there are, who serves them, and what waits for whom. */
import { modelNameSchema } from '@millrace/contracts'
import { contractsOf, isPinned, lineOfVersion, linesOf, type ModelReader, type ModelVersions } from '@millrace/queue'
import { z } from 'zod'
import { findModel } from './find-model.ts'
import { pauseSchema } from './pause-routes.ts'
import { json, type Route, type Router } from '../http/router.ts'

const count = z.number().int().min(0)

const versionSchema = z
  .object({
    object: z.literal('model_version'),
    version: z.string(),
    current: z.boolean().describe('Whether submits that name no version are checked against this one.'),
    introduced_at: z.iso.datetime().describe('When a worker published it first.'),
    workers: count.describe('Number of workers that have it ready.'),
    queued: count.describe('Number of jobs that wait for exactly this version.'),
    paused: pauseSchema.nullable().describe('Somebody has paused the version, or the whole model.'),
    contracts: z
      .array(z.string())
      .describe('The contracts it serves: jobs that name no version wait for one of these.'),
  })
  .meta({ id: 'ModelVersion' })

const contractSchema = z
  .object({
    contract: z.string().describe('Names a pair of input and output schema.'),
    queued: count.describe('Number of jobs that were accepted by it and wait.'),
    workers: count.describe('Number of workers that serve it.'),
    places: count.describe('Number of jobs that these can run at once, without those that are paused.'),
    paused: z.boolean().describe('No worker is given its jobs, because the model or every version of it is paused.'),
    versions: z.array(z.string()).describe('Known versions that serve it.'),
    note: z.string().nullable().describe('Says so when jobs wait and no worker serves it.'),
  })
  .meta({ id: 'ModelContract' })

const route: Route = {
  method: 'get',
  path: '/v1/models/{model}/versions',
  summary: 'List the versions of a model',
  tag: 'Models',
  scope: 'models:read',
  request: { params: z.object({ model: modelNameSchema }) },
  responses: {
    200: json(
      'Its versions, the newest first, and what waits for them.',
      z
        .object({ object: z.literal('list'), data: z.array(versionSchema), contracts: z.array(contractSchema) })
        .meta({ id: 'ModelVersionList' }),
    ),
  },
  problems: ['model_not_found', 'model_not_allowed'],
}

export function versionRoutes(router: Router, { models }: { models: Pick<ModelReader, 'versions'> }): void {
  router.add(route, async (c) => {
    const known = await findModel({ get: (name) => models.versions(name) }, c)
    return c.json({ object: 'list', data: versionsOf(known), contracts: viewsOfContracts(known) })
  })
}

function versionsOf({ versions, lines, pauses }: ModelVersions): z.infer<typeof versionSchema>[] {
  const queuedIn = new Map(lines.map(({ line, queued }) => [line, queued]))
  return versions.map(({ manifest, isCurrent, introducedAt, workers }) => {
    const queued = queuedIn.get(lineOfVersion(manifest.version)) ?? 0
    return {
      ...{ object: 'model_version', version: manifest.version, current: isCurrent, introduced_at: introducedAt },
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
