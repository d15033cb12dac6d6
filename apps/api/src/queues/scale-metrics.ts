/** The figures of GET /v1/models/{model}/scale as metrics, with its defaults. Added to the API's set by createApp. */
import { SCALE_ASK } from '@millrace/contracts'
import type { Metrics } from '@millrace/process'
import type { ModelReader, ModelScaling } from '@millrace/queue'
import { type ScaleFigures, scaleFigures } from './scale-view.ts'

interface Sample extends ScaleFigures {
  model: string
  /** Empty for the whole model. */
  version: string
}

/** Of one model: those that have most to do. So however often versions come and go, there are few. */
const MOST_POOLS = 5
const ASK = { targetWaitMs: SCALE_ASK.targetWaitSeconds * 1000 }
const { minWorkers, maxWorkers } = SCALE_ASK

export function addScaleMetrics(metrics: Metrics, models: Pick<ModelReader, 'list'>, scaling: ModelScaling): void {
  let shared: Promise<Sample[]> | undefined
  // One read for all gauges of a scrape. If Redis is away, no value is better than an old one.
  const samples = (): Promise<Sample[]> =>
    (shared ??= readSamples(models, scaling)
      .catch(() => [])
      .finally(() => setImmediate(() => (shared = undefined))))
  const gauge = (name: string, help: string, valueOf: (figures: ScaleFigures) => number) =>
    metrics.gauge(
      {
        name,
        help: `${help} By model, and by version; \`version\` is empty for the whole model.`,
        labels: ['model', 'version'],
        across: 'max',
      },
      async (self) => {
        const found = await samples()
        self.reset()
        for (const one of found) self.set({ model: one.model, version: one.version }, valueOf(one))
      },
    )
  gauge('millrace_queue_depth', 'Jobs that wait and whose time has come.', (one) => one.queue_depth)
  gauge(
    'millrace_oldest_wait_seconds',
    'How long the oldest job has waited whose time has come.',
    (one) => one.oldest_wait_seconds,
  )
  gauge('millrace_slots', 'Jobs that workers can run at once.', (one) => one.slots)
  gauge('millrace_busy_ratio', 'Part of the slots on which a job runs.', (one) => one.busy_fraction)
  gauge('millrace_desired_workers', 'How many workers are needed.', (one) => one.desired_workers)
}

async function readSamples(models: Pick<ModelReader, 'list'>, scaling: ModelScaling): Promise<Sample[]> {
  const names = (await models.list()).map(({ manifest }) => manifest.name)
  const found = await Promise.all(names.map((model) => samplesOf(model, scaling)))
  return found.flat()
}

/** A model whose shard is away hides no other. */
async function samplesOf(model: string, scaling: ModelScaling): Promise<Sample[]> {
  const state = await scaling.state(model, ASK).catch(() => undefined)
  if (!state) return []
  const bounds = { minWorkers, maxWorkers }
  const pools = state.pools.toSorted((a, b) => b.queued + b.busySlots + b.workers - a.queued - a.busySlots - a.workers)
  return [
    { model, version: '', ...scaleFigures(state.pools, bounds), queue_depth: state.queued },
    ...pools.slice(0, MOST_POOLS).map((pool) => ({ model, version: pool.version, ...scaleFigures([pool], bounds) })),
  ]
}
