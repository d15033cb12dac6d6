// The board of the worker processes: which are there, are their models well, what do they take? Rendered by render-boards.ts.
import type { Board, Panel } from './board.ts'

/** Of what every program tells of its process, only what workers tell. */
const ofWorkers = (expr: string): string => `${expr} and on (instance) millrace_runners_ready`

const MODELS: Panel[] = [
  {
    ...{ kind: 'lines', title: 'Runners ready', unit: 'short' },
    about: 'By worker and model. 0: no process of the model is well there.',
    queries: [
      {
        expr: 'sum by (instance, model) (millrace_runners_ready{model=~"$model"})',
        legend: '{{instance}} {{model}}',
      },
    ],
  },
  {
    ...{ kind: 'lines', title: 'Attempts by worker', unit: 'ops' },
    about: 'How many runs each worker ended.',
    queries: [
      {
        expr: 'sum by (instance) (rate(millrace_attempts_total{model=~"$model"}[$__rate_interval]))',
        legend: '{{instance}}',
      },
    ],
  },
  {
    ...{ kind: 'lines', title: 'Devices busy', unit: 'percentunit' },
    about: 'Devices that the jobs of each worker used on average: 100 % is one device.',
    queries: [
      {
        expr: 'sum by (instance) (rate(millrace_device_seconds_total{model=~"$model"}[$__rate_interval]))',
        legend: '{{instance}}',
      },
    ],
  },
  {
    ...{ kind: 'stack', title: 'Failures by worker and code', unit: 'ops' },
    about: 'One worker that fails more than the others has a bad device or a bad disk.',
    queries: [
      {
        expr: 'sum by (instance, outcome) (rate(millrace_attempts_total{model=~"$model", outcome!~"succeeded|stopped|released"}[$__rate_interval])) > 0',
        legend: '{{instance}} {{outcome}}',
      },
    ],
  },
  {
    ...{ kind: 'lines', title: 'Jobs whose worker was lost', unit: 'short' },
    about: 'In each ten minutes, by what became of them.',
    queries: [
      {
        expr: 'max by (model, end) (increase(millrace_leases_lost_total{model=~"$model"}[10m]))',
        legend: '{{model}} {{end}}',
      },
    ],
  },
  {
    ...{ kind: 'lines', title: 'Versions of Millrace', unit: 'short' },
    about: 'Processes by the release that they run: more than one while an upgrade goes on.',
    queries: [{ expr: 'count by (version) (millrace_build_info)', legend: '{{version}}' }],
  },
]

const MACHINES: Panel[] = [
  {
    ...{ kind: 'lines', title: 'Device utilization', unit: 'percentunit' },
    about: 'Part of the time in which a device worked, where nvidia-smi tells it.',
    queries: [
      { expr: 'max by (instance, device) (millrace_device_utilization_ratio)', legend: '{{instance}} {{device}}' },
    ],
  },
  {
    ...{ kind: 'lines', title: 'Device memory', unit: 'percentunit' },
    about: 'What is used of it by all processes, where nvidia-smi tells it.',
    queries: [
      {
        expr: 'max by (instance, device) (millrace_device_memory_used_bytes / millrace_device_memory_bytes)',
        legend: '{{instance}} {{device}}',
      },
    ],
  },
  {
    ...{ kind: 'lines', title: 'CPU of the worker', unit: 'percentunit' },
    about: 'Of the worker itself, without its models: 100 % is one core.',
    queries: [{ expr: ofWorkers('rate(process_cpu_seconds_total[$__rate_interval])'), legend: '{{instance}}' }],
  },
  {
    ...{ kind: 'lines', title: 'Memory of the worker', unit: 'bytes' },
    about: 'Of the worker itself, without its models.',
    queries: [{ expr: ofWorkers('process_resident_memory_bytes'), legend: '{{instance}}' }],
  },
]

export const WORKERS_BOARD: Board = {
  name: 'workers',
  title: 'Millrace: workers',
  about: 'Which workers are there, are their models well, what do they take?',
  hasModel: true,
  panels: [...MODELS, ...MACHINES],
}
