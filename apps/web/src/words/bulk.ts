/** The words of actions on many jobs. Merged in words.ts. */
import type { JobAction, JobActionKind, SkipReason } from '@millrace/contracts'

const jobs = (count: number): string => `${count.toLocaleString()} ${count === 1 ? 'job' : 'jobs'}`

const TITLE: Record<JobActionKind, string> = { cancel: 'Cancel jobs', retry: 'Retry jobs', purge: 'Purge jobs' }
const MEANS: Record<JobActionKind, string> = {
  cancel: 'Those that wait are canceled, those that run are told to stop. Those that have ended stay as they are.',
  retry: 'Those that failed go back to the line with fresh attempts. All others stay as they are.',
  purge: 'They are taken away for good, with their files. Those that run stay.',
}
const DO_IT: Record<JobActionKind, (count: number) => string> = {
  cancel: (count) => `Cancel ${jobs(count)}`,
  retry: (count) => `Retry ${jobs(count)}`,
  purge: (count) => `Purge ${jobs(count)}`,
}
const of = (done: number, all: number): string => `${done.toLocaleString()} of ${all.toLocaleString()}`
const DONE: Record<JobActionKind, (done: number, all: number) => string> = {
  cancel: (done, all) => `${of(done, all)} canceled`,
  retry: (done, all) => `${of(done, all)} put back to the line`,
  purge: (done, all) => `${of(done, all)} purged`,
}
const STATUSES: Record<JobAction['status'], string> = {
  counting: 'Counting.',
  running: 'At work.',
  stopping: 'Stopping.',
  done: 'Done.',
  canceled: 'Stopped.',
  refused: 'Refused.',
}
const REASONS: Record<SkipReason, string> = {
  job_ended: 'they had ended',
  job_running: 'they run',
  job_not_retryable: 'they have not failed',
  changed: 'they changed meanwhile',
  tenant_limit: 'no more jobs may be open at once',
  queue_full: 'the line is full',
  model_paused: 'the model takes no jobs now',
  device_seconds_limit: 'the device time of today is used up',
  storage_pressure: 'there is too little room',
}

export const BULK_WORDS = {
  title: TITLE,
  counting: 'Counting what matches …',
  none: 'No job matches.',
  again: 'More or fewer jobs match now than were counted, so nothing was done. This is the new count:',
  matched: (count: number) => `${jobs(count)} ${count === 1 ? 'matches' : 'match'}`,
  means: MEANS,
  typeNumber: (count: number) => `There is no way back. Type ${count} to go on:`,
  doIt: DO_IT,
  back: 'Go back',
  stop: 'Stop here',
  progress: 'Progress',
  statuses: STATUSES,
  done: DONE,
  stopping: (count: number) => `${jobs(count)} ran and were told to stop.`,
  skipped: (count: number, reason: string) => `${jobs(count)} left as they are: ${reason}`,
  reasons: REASONS,
  unreadable: (count: number) => `${jobs(count)} could not be read`,
}
