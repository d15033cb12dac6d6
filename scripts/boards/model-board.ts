// The board of one model, or of several side by side: what waits, how long it takes, how it ends. Rendered by render-boards.ts.
import type { Board, Panel } from './board.ts'

const OF_MODEL = 'model=~"$model"'
const OF_ALL_VERSIONS = `${OF_MODEL}, version=""`

const quantiles = (metric: string): Panel['queries'] =>
  [0.5, 0.95, 0.99].map((share) => ({
    expr: `histogram_quantile(${share}, sum by (le, model) (rate(${metric}_bucket{${OF_MODEL}}[$__rate_interval])))`,
    legend: `{{model}} p${share * 100}`,
  }))

const WORK: Panel[] = [
  {
    ...{ kind: 'lines', title: 'Waiting and running', unit: 'short' },
    about: 'Jobs in the queue, and jobs that a worker has in hand.',
    queries: [
      { expr: `max by (model) (millrace_jobs_queued{${OF_MODEL}})`, legend: '{{model}} waiting' },
      { expr: `max by (model) (millrace_jobs_running{${OF_MODEL}})`, legend: '{{model}} running' },
    ],
  },
  {
    ...{ kind: 'lines', title: 'Oldest wait', unit: 's' },
    about: 'Of the jobs whose time has come, how long the one has waited that waits longest.',
    queries: [{ expr: `max by (model) (millrace_oldest_wait_seconds{${OF_ALL_VERSIONS}})`, legend: '{{model}}' }],
  },
  {
    ...{ kind: 'lines', title: 'How long jobs waited', unit: 's' },
    about: 'Until the model began; of each attempt.',
    queries: quantiles('millrace_job_wait_seconds'),
  },
  {
    ...{ kind: 'lines', title: 'How long the model ran', unit: 's' },
    about: "The model's own time on its device.",
    queries: quantiles('millrace_run_seconds'),
  },
  {
    ...{ kind: 'lines', title: 'Workers', unit: 'short' },
    about: 'Those that have the model ready, and how many are needed.',
    queries: [
      { expr: `max by (model) (millrace_workers{${OF_MODEL}})`, legend: '{{model}} ready' },
      { expr: `max by (model) (millrace_desired_workers{${OF_ALL_VERSIONS}})`, legend: '{{model}} wanted' },
    ],
  },
  {
    ...{ kind: 'lines', title: 'Busy slots', unit: 'percentunit' },
    about: 'Part of the slots on which a job runs, by version.',
    queries: [
      {
        expr: `max by (model, version) (millrace_busy_ratio{${OF_MODEL}, version!=""})`,
        legend: '{{model}} {{version}}',
      },
    ],
  },
]

const ENDS: Panel[] = [
  {
    ...{ kind: 'stack', title: 'Submits', unit: 'ops' },
    about: 'By outcome: created, replayed (the same idempotency key), or the code of the refusal.',
    queries: [
      {
        expr: `sum by (model, outcome) (rate(millrace_submits_total{${OF_MODEL}}[$__rate_interval]))`,
        legend: '{{model}} {{outcome}}',
      },
    ],
  },
  {
    ...{ kind: 'stack', title: 'Attempts', unit: 'ops' },
    about: 'By how they ended: succeeded, given back, or the code of the error.',
    queries: [
      {
        expr: `sum by (model, outcome) (rate(millrace_attempts_total{${OF_MODEL}}[$__rate_interval])) > 0`,
        legend: '{{model}} {{outcome}}',
      },
    ],
  },
  {
    ...{ kind: 'lines', title: 'Failures', unit: 'percentunit' },
    about: 'Part of the attempts that ended with an error.',
    queries: [
      {
        expr: `sum by (model) (rate(millrace_attempts_total{${OF_MODEL}, outcome!~"succeeded|stopped|released|lost"}[$__rate_interval])) / sum by (model) (rate(millrace_attempts_total{${OF_MODEL}, outcome!~"stopped|released|lost"}[$__rate_interval]))`,
        legend: '{{model}}',
      },
    ],
  },
  {
    ...{ kind: 'lines', title: 'What was lost', unit: 'short' },
    about:
      'In each ten minutes: jobs whose worker was lost, by what became of them, and jobs that no worker began in time.',
    queries: [
      {
        expr: `max by (model, end) (increase(millrace_leases_lost_total{${OF_MODEL}}[10m]))`,
        legend: '{{model}} {{end}}',
      },
      { expr: `max by (model) (increase(millrace_jobs_expired_total{${OF_MODEL}}[10m]))`, legend: '{{model}} expired' },
    ],
  },
  {
    ...{ kind: 'stack', title: 'Devices by tenant', unit: 'percentunit' },
    about: 'Devices that the ten largest tenants keep busy on average: 100 % is one device.',
    queries: [
      {
        expr: `topk(10, sum by (tenant) (rate(millrace_device_seconds_total{${OF_MODEL}}[$__rate_interval])))`,
        legend: '{{tenant}}',
      },
    ],
  },
  {
    ...{ kind: 'lines', title: 'Bytes', unit: 'Bps' },
    about: 'Inputs of accepted jobs and outputs of those that succeeded, with their files.',
    queries: [
      {
        expr: `sum by (model) (rate(millrace_input_bytes_total{${OF_MODEL}}[$__rate_interval]))`,
        legend: '{{model}} in',
      },
      {
        expr: `sum by (model) (rate(millrace_output_bytes_total{${OF_MODEL}}[$__rate_interval]))`,
        legend: '{{model}} out',
      },
    ],
  },
]

export const MODEL_BOARD: Board = {
  name: 'model',
  title: 'Millrace: models',
  about: 'What waits for a model, how long it takes, how it ends.',
  hasModel: true,
  panels: [...WORK, ...ENDS],
}
