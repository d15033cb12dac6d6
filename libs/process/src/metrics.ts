/**
 * Metrics in the text format of Prometheus. Each call makes a set of its own, so two servers in one process (tests,
 * `millrace dev`) do not share one. The API serves `render()` at /metrics. Sets of several processes can be merged.
 */
import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client'
import { ownVersion } from './own-version.ts'

interface MetricOptions<Label extends string> {
  /** Name in snake_case with the unit at the end: `millrace_job_run_seconds`. */
  name: string
  help: string
  labels?: readonly Label[]
}

interface SharedOptions<Label extends string> extends MetricOptions<Label> {
  /**
   * How the values of several processes are merged. Default `sum`, for values that each process has of its own. `max` or
   * `min`: for values that all of them see alike.
   */
  across?: 'sum' | 'max' | 'min'
}

/** All values of a set at one moment, as they go from one process to another. */
export type MetricSnapshot = MetricObjectWithValues<MetricValue<string>>[]

/** Default buckets, from 5 ms to 10 minutes: the times of requests, waits and runs. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]

export type Metrics = ReturnType<typeof createMetrics>

/**
 * Makes a new set of metrics. `processMetrics` (default false) adds memory, CPU and event loop delay of this process.
 */
export function createMetrics(options: { processMetrics?: boolean } = {}) {
  const registry = new Registry()
  if (options.processMetrics) collectDefaultMetrics({ register: registry })
  const common = <Label extends string>({ name, help, labels = [] }: MetricOptions<Label>) => ({
    name,
    help,
    labelNames: labels,
    registers: [registry],
  })
  return {
    /** `collect` is called at each scrape, where the count is kept elsewhere. */
    counter: <Label extends string = never>(
      metric: SharedOptions<Label>,
      collect?: (counter: Counter<Label>) => unknown,
    ) =>
      new Counter<Label>({
        ...common(metric),
        aggregator: metric.across ?? 'sum',
        async collect() {
          await collect?.(this)
        },
      }),
    /** `collect` is called at each scrape, to set the newest value. */
    gauge: <Label extends string = never>(metric: SharedOptions<Label>, collect?: (gauge: Gauge<Label>) => unknown) =>
      new Gauge<Label>({
        ...common(metric),
        aggregator: metric.across ?? 'sum',
        async collect() {
          await collect?.(this)
        },
      }),
    /** `buckets` are seconds by default. */
    histogram: <Label extends string = never>(metric: MetricOptions<Label>, buckets: number[] = SECONDS) =>
      new Histogram<Label>({ ...common(metric), buckets }),
    contentType: registry.contentType as string,
    render: () => registry.metrics(),
    snapshot: (): Promise<MetricSnapshot> => registry.getMetricsAsJSON(),
  }
}

/** Adds which release a process is, as the field does: 1, with the version as a label. */
export function addBuildInfo(metrics: Metrics): Metrics {
  const version = ownVersion()
  const info = { name: 'millrace_build_info', help: '1, by the version of Millrace that runs.', across: 'max' } as const
  metrics.gauge({ ...info, labels: ['version'] }, (self) => self.set({ version }, 1))
  return metrics
}

/** Merges the measurements of several processes: counts are added, and each gauge is merged by its `across`. */
export const mergeSnapshots = (snapshots: readonly MetricSnapshot[]): Promise<MetricSnapshot> =>
  merged(snapshots).getMetricsAsJSON()

/** The same in the Prometheus text format. */
export const renderSnapshots = (snapshots: readonly MetricSnapshot[]): Promise<string> => merged(snapshots).metrics()

const merged = (snapshots: readonly MetricSnapshot[]): Registry => AggregatorRegistry.aggregate([...snapshots])
