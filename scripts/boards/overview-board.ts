// The board to look at first: does work flow, and if not, what stands in its way? Rendered by render-boards.ts.
import type { Board, Panel } from './board.ts'

/** What all processes of the API say alike is taken once. */
const ofAll = (metric: string): string => `sum(max by (model) (${metric}))`

const NUMBERS: Panel[] = [
  {
    ...{ kind: 'stat', title: 'Waiting', unit: 'short' },
    about: 'Jobs in the queue, of all models.',
    queries: [{ expr: ofAll('millrace_jobs_queued'), legend: '' }],
  },
  {
    ...{ kind: 'stat', title: 'Running', unit: 'short' },
    about: 'Jobs that a worker has in hand.',
    queries: [{ expr: ofAll('millrace_jobs_running'), legend: '' }],
  },
  {
    ...{ kind: 'stat', title: 'Oldest wait', unit: 's', levels: { yellow: 120, red: 600 } },
    about: 'Of the jobs whose time has come, how long the one has waited that waits longest.',
    queries: [{ expr: 'max(millrace_oldest_wait_seconds{version=""})', legend: '' }],
  },
  {
    ...{ kind: 'stat', title: 'Worker processes', unit: 'short', levels: { yellow: 1, red: 0.5 } },
    about: 'Workers that Prometheus reads.',
    queries: [{ expr: 'count(count by (instance) (millrace_runners_ready)) or vector(0)', legend: '' }],
  },
  {
    ...{
      kind: 'stat',
      title: 'Redis',
      unit: 'none',
      levels: { yellow: 0.9, red: 0.5 },
      words: ['unreachable', 'reached'],
    },
    about: 'Whether every process of the API reaches Redis.',
    queries: [{ expr: 'min(millrace_store_up)', legend: '' }],
  },
  {
    ...{ kind: 'stat', title: 'Redis memory', unit: 'percentunit', levels: { yellow: 0.6, red: 0.75 } },
    about: 'Of its maxmemory. At 75 % submits are refused. 0: it has no limit.',
    queries: [{ expr: 'max(millrace_redis_memory_ratio)', legend: '' }],
  },
]

const FLOW: Panel[] = [
  {
    ...{ kind: 'stack', title: 'Submits', unit: 'ops' },
    about: 'By outcome: created, replayed (the same idempotency key), or the code of the refusal.',
    queries: [{ expr: 'sum by (outcome) (rate(millrace_submits_total[$__rate_interval]))', legend: '{{outcome}}' }],
  },
  {
    ...{ kind: 'stack', title: 'Attempts', unit: 'ops' },
    about: 'How runs of models ended: succeeded, given back, or the code of the error.',
    queries: [
      { expr: 'sum by (outcome) (rate(millrace_attempts_total[$__rate_interval])) > 0', legend: '{{outcome}}' },
    ],
  },
  {
    ...{ kind: 'lines', title: 'Waiting by model', unit: 'short' },
    about: 'The ten models with the longest queues.',
    queries: [{ expr: 'topk(10, max by (model) (millrace_jobs_queued))', legend: '{{model}}' }],
  },
  {
    ...{ kind: 'lines', title: 'Oldest wait by model', unit: 's' },
    about: 'The ten models whose oldest job waits longest.',
    queries: [{ expr: 'topk(10, max by (model) (millrace_oldest_wait_seconds{version=""}))', legend: '{{model}}' }],
  },
  {
    ...{ kind: 'table', title: 'Models', unit: 'short' },
    about: 'What each model has to do, and who does it. `wanted`: the workers that it needs.',
    queries: [
      { expr: 'max by (model) (millrace_jobs_queued)', legend: 'waiting' },
      { expr: 'max by (model) (millrace_jobs_running)', legend: 'running' },
      { expr: 'max by (model) (millrace_workers)', legend: 'workers' },
      { expr: 'max by (model) (millrace_desired_workers{version=""})', legend: 'wanted' },
      { expr: 'max by (model) (millrace_slots{version=""})', legend: 'slots' },
    ],
  },
]

const EDGE: Panel[] = [
  {
    ...{ kind: 'stack', title: 'Requests', unit: 'reqps' },
    about: 'Requests to the API by status. 429: a limit of a tenant. 503: no room.',
    queries: [
      { expr: 'sum by (status) (rate(millrace_http_request_seconds_count[$__rate_interval]))', legend: '{{status}}' },
    ],
  },
  {
    ...{ kind: 'lines', title: 'Slowest routes, 95th percentile', unit: 's' },
    about: 'Long polls and event streams take as long as they are asked to.',
    queries: [
      {
        expr: 'topk(5, histogram_quantile(0.95, sum by (le, route) (rate(millrace_http_request_seconds_bucket[$__rate_interval]))) > 0)',
        legend: '{{route}}',
      },
    ],
  },
  {
    ...{ kind: 'lines', title: 'Connections and streams', unit: 'short' },
    about: 'Open connections of clients, and event streams, over all processes of the API.',
    queries: [
      { expr: 'sum(millrace_http_connections)', legend: 'connections' },
      { expr: 'sum(millrace_event_streams)', legend: 'event streams' },
    ],
  },
  {
    ...{ kind: 'lines', title: 'What was lost', unit: 'short' },
    about: 'In each ten minutes: jobs whose worker was lost, and jobs that no worker began in time.',
    queries: [
      { expr: 'sum(max by (model, end) (increase(millrace_leases_lost_total[10m])))', legend: 'worker lost' },
      { expr: 'sum(max by (model) (increase(millrace_jobs_expired_total[10m])))', legend: 'expired' },
    ],
  },
]

export const OVERVIEW_BOARD: Board = {
  name: 'overview',
  title: 'Millrace: overview',
  about: 'Does work flow, and if not, what stands in its way?',
  hasModel: false,
  panels: [...NUMBERS, ...FLOW, ...EDGE],
}
