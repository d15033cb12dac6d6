/** Makes the parts of a worker by its configuration, none of them started. Called by start-worker.ts. */
import { hostname } from 'node:os'
import { createInstalledModels, createRediscovery, describeDevices, discoverModels, parseSlots } from '@millrace/host'
import { FalWebhookKey } from '@millrace/dialects'
import { EndHook, type Hooks } from '@millrace/hooks'
import { addBuildInfo, type Config, createMetrics, type Logger, type Metrics, ownVersion } from '@millrace/process'
import { addRedisMetrics } from '@millrace/queue'
import type { AttemptPace } from './attempt/attempt-deps.ts'
import type { AuthorEvents } from './author-events.ts'
import type { Outside } from './open-outside.ts'
import { createWorker, type Worker } from './serving/create-worker.ts'
import { StagedDiscovery } from './serving/staged-discovery.ts'
import { createWorkerMetrics } from './serving/worker-metrics.ts'
import { createWebhookSources } from './webhooks/webhook-sources.ts'
import { createWebhooks, type Webhooks, type WebhooksOptions } from './webhooks/create-webhooks.ts'

export interface AssemblyOptions {
  logger: Logger
  /** The environment that the models' processes see an allow-listed part of. */
  env: Readonly<Record<string, string | undefined>>
  /** Hears what an author wants to know, in place of the log. With it, a models folder without models is no fault. */
  author?: AuthorEvents
  /** For tests that do not wait for hours. */
  webhookPace?: WebhooksOptions['pace']
}

/** What is made before, because it may fail. */
interface Made extends AssemblyOptions {
  hooks: Hooks | undefined
}

export interface Assembly {
  worker: Worker
  discovery: StagedDiscovery
  webhooks: Webhooks
  metrics: Metrics
}

/** All files of a job that are fetched by address may take as long together as so many of them may one after the other. */
const LINK_FILES = 4

/** Throws when a setting cannot be met, such as a slot that is not there. */
export function assembleWorker(config: Config, outside: Outside, options: Made): Assembly {
  const { logger, author, hooks } = options
  const { queue, objects, fetcher, redisWatch, storeWatch } = outside
  const metrics = addBuildInfo(createMetrics({ processMetrics: true }))
  addRedisMetrics(metrics, redisWatch)
  const measure = createWorkerMetrics(
    metrics,
    () => worker.models(),
    () => worker.devices(),
  )
  const webhooks = assembleWebhooks(config, {
    ...{ store: queue.webhooks, metrics, logger, pace: options.webhookPace },
    sources: createWebhookSources(queue, objects, config.replicateOwner),
    falKey: new FalWebhookKey(() => queue.fileSecret()),
    endHook: hooks?.afterEnd && new EndHook(hooks.afterEnd),
  })
  const discovery = new StagedDiscovery(findInstalled(config, options))
  const worker: Worker = createWorker({
    ...{ objects, fetcher, logger },
    workerId: queue.worker,
    discover: () => discovery.discover(),
    later: () => discovery.later,
    devices: parseSlots(config.slots),
    upkeep: queue.upkeep,
    registry: queue.models,
    workers: queue.workers,
    self: { host: hostname(), pid: process.pid, millrace_version: ownVersion() },
    lookAtDevices: () => describeDevices(parseSlots(config.slots), options.env),
    changes: queue.changes,
    shelf: queue.shelf,
    relocations: queue.relocations,
    tenantUpkeep: queue.tenantUpkeep,
    erasures: queue.erasures,
    jobActions: queue.jobActions,
    batches: queue.batches,
    audit: queue.audit,
    createHandOut: (...args) => queue.createHandOut(...args),
    files: queue.files,
    ownedSince: () => storeWatch.ownedSince(),
    maxImagePixels: config.maxImagePixels,
    linkTotalMs: LINK_FILES * config.fetchSeconds * 1000,
    dataDir: config.dataDir,
    onAttempt: (end) => {
      measure(end)
      author?.onAttempt(end)
    },
    live: webhooks.live,
    events: author,
    pace: paceOf(config),
  })
  return { worker, discovery, webhooks, metrics }
}

function assembleWebhooks(
  config: Config,
  { pace, ...parts }: Pick<WebhooksOptions, 'store' | 'sources' | 'falKey' | 'metrics' | 'logger' | 'pace' | 'endHook'>,
): Webhooks {
  return createWebhooks({
    ...parts,
    publicUrl: config.publicUrl ?? `http://127.0.0.1:${config.port}`,
    allowHosts: config.webhookAllowHosts,
    allowHttp: config.webhookAllowHttp,
    dispatch: config.webhookDispatch,
    // As long as the silence after which a worker counts as lost, twice; but longer than any try.
    pace: { leaseMs: Math.max(20_000, config.lockSeconds * 2000), ...pace },
  })
}

function findInstalled({ models, python }: Config, { logger, env, author }: AssemblyOptions) {
  const look = author
    ? createRediscovery(models, (message) => author.onFolderFault(message))
    : () => discoverModels(models)
  const onLoadFailed: AuthorEvents['onLoadFailed'] | undefined = author && ((...told) => author.onLoadFailed(...told))
  return createInstalledModels(look, { logger, env, python, onLoadFailed, author })
}

const paceOf = (config: Config): Partial<AttemptPace> => ({
  // A worker that is alive must be heard well before its jobs count as lost.
  beatMs: Math.min(5000, config.lockSeconds * 250),
  outputBytes: config.maxOutputBytes,
  outputFiles: config.maxOutputFiles,
})
