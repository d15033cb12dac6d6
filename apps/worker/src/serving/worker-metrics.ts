/** What a worker measures. Labels are names of its own models, a closed list of outcomes, and a bounded number of tenants. */
import { JOB_ERRORS, type WorkerDevice } from '@millrace/contracts'
import { LabelBound, type Metrics } from '@millrace/process'
import { bytesOf } from '@millrace/queue'
import type { AttemptDeps } from '../attempt/attempt-deps.ts'
import type { ModelStatus } from './served-models.ts'

/** All but those that no worker sees: `millrace_leases_lost_total` and `millrace_jobs_expired_total` count them. */
const OUTCOMES = ['succeeded', ...Object.keys(JOB_ERRORS)].filter(
  (code) => code !== 'worker_lost' && code !== 'expired',
)

/** Adds the worker's metrics to a set and gives what to call at the end of each attempt. */
export function createWorkerMetrics(
  metrics: Metrics,
  models: () => ModelStatus[],
  devices: () => readonly WorkerDevice[],
): NonNullable<AttemptDeps['onAttempt']> {
  const attempts = metrics.counter({
    name: 'millrace_attempts_total',
    help: 'Attempts by model and how they ended: succeeded, stopped, released, lost, or the code of the error.',
    labels: ['model', 'outcome'],
  })
  const runs = metrics.histogram({
    name: 'millrace_run_seconds',
    help: "The model's own time on its device.",
    labels: ['model'],
  })
  const waits = metrics.histogram({
    name: 'millrace_job_wait_seconds',
    help: 'How long jobs waited until the model began, by model; of each attempt, from the submit, its time or the end of the one before.',
    labels: ['model'],
  })
  const begun = new Set<string>()
  /** A rate does not see the first of a series that begins with 1. */
  const beginAtZero = (model: string): void => {
    if (begun.has(model)) return
    begun.add(model)
    for (const outcome of OUTCOMES) attempts.inc({ model, outcome }, 0)
    for (const times of [waits, runs]) times.zero({ model })
  }
  addModelGauges(metrics, models, beginAtZero)
  addDeviceGauges(metrics, devices)
  const labels = ['model', 'tenant'] as const
  const deviceSeconds = metrics.counter({
    name: 'millrace_device_seconds_total',
    help: 'Seconds for which jobs used a device, by model and tenant; attempts of lost workers are not in it.',
    labels,
  })
  const outputs = metrics.counter({
    name: 'millrace_output_bytes_total',
    help: 'Bytes of the outputs of jobs that succeeded, with their files, by model and tenant.',
    labels,
  })
  const tenants = new LabelBound()
  return ({ model, tenant, outcome, waitSeconds, runSeconds }) => {
    beginAtZero(model)
    const whose = { model, tenant: tenants.of(tenant) }
    deviceSeconds.inc(whose, runSeconds ?? 0)
    if (outcome.kind === 'succeeded') outputs.inc(whose, bytesOf(outcome.output))
    attempts.inc({ model, outcome: outcome.kind === 'failed' ? outcome.error.code : outcome.kind })
    if (waitSeconds !== undefined) waits.observe({ model }, waitSeconds)
    if (runSeconds !== undefined) runs.observe({ model }, runSeconds)
  }
}

/** Of its models; each that has a name begins its other series. */
function addModelGauges(metrics: Metrics, models: () => ModelStatus[], beginAtZero: (model: string) => void): void {
  metrics.gauge(
    { name: 'millrace_runners_ready', help: 'Runners that run or can run, by model.', labels: ['model'] },
    (gauge) => {
      for (const { name, label, readyRunners } of models()) {
        gauge.set({ model: name ?? label }, readyRunners)
        if (name) beginAtZero(name)
      }
    },
  )
  metrics.gauge(
    {
      name: 'millrace_slots_quarantined',
      help: 'Slots by model whose device failed runs in a row, and then its check; each is tried again by itself.',
      labels: ['model'],
    },
    (gauge) => {
      for (const { name, label, quarantined } of models()) gauge.set({ model: name ?? label }, quarantined)
    },
  )
}

/** Of the devices that its slots name: those of which it is known. */
function addDeviceGauges(metrics: Metrics, devices: () => readonly WorkerDevice[]): void {
  const gauge = (name: string, help: string, valueOf: (device: WorkerDevice) => number | null) =>
    metrics.gauge({ name, help, labels: ['device'] }, (self) => {
      self.reset()
      for (const one of devices()) {
        const value = valueOf(one)
        if (value !== null) self.set({ device: one.device }, value)
      }
    })
  gauge('millrace_device_memory_bytes', 'Memory of a device.', (one) => one.memory_bytes)
  gauge(
    'millrace_device_memory_used_bytes',
    'Memory of a device that is used, by all processes.',
    (one) => one.memory_used_bytes,
  )
  gauge('millrace_device_utilization_ratio', 'Part of the time in which a device worked.', (one) => one.utilization)
}
