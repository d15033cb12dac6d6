/** The words of the screen of one job: its timeline, log, events and deliveries, and why it waits. Merged in words.ts. */
import type { Attempt, StreamedEvent, WaitReason, WebhookDelivery } from '@millrace/contracts'
import type { LogLevel } from '../logs/log-book.ts'
import type { Phase, TryMark } from '../timeline/timeline.ts'

const PHASE: Record<Phase, string> = {
  scheduled: 'scheduled',
  waited: 'waited in line',
  fetched: 'fetched its input',
  slot: 'waited for a slot',
  taken: 'in the worker',
  ran: 'ran',
  lost: 'worker lost',
  stored: 'stored its output',
  rested: 'had ended',
  unknown: 'not kept',
}

const OUTCOME: Record<Attempt['outcome'], string> = {
  running: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'canceled',
  released: 'given back',
  worker_lost: 'worker lost',
}

const WAIT: Record<Exclude<WaitReason, 'busy' | 'no_worker' | 'scheduled' | 'suspect'>, string> = {
  loading: 'Its model is loading',
  paused: 'Its model or its version is paused',
  tenant_limit: 'As many of your jobs run as may run at once',
}

const EVENTS: Record<StreamedEvent['type'], string> = {
  status: 'status',
  progress: 'progress',
  log: 'log',
  output: 'output',
  done: 'ended',
  job: 'job',
  gap: 'some not kept, after',
  queue: 'queue',
  bye: 'stream ended',
}

const DELIVERY: Record<WebhookDelivery['status'], string> = {
  pending: 'pending',
  delivered: 'delivered',
  failed: 'failed',
  skipped: 'skipped',
}

const plural = (count: number, one: string, many: string): string =>
  `${count.toLocaleString()} ${count === 1 ? one : many}`

export const JOB_WORDS = {
  /** Why it waits, in one sentence made of these parts. */
  wait: {
    ...WAIT,
    noWorker: 'No worker serves it now',
    runAt: (time: string) => `Its time comes in ${time}`,
    soon: 'Its time comes now',
    again: (next: number, most: number) => `It pauses before try ${next} of ${most}`,
    suspect: (lost: number) =>
      `${plural(lost, 'worker was', 'workers were')} lost with it, so it waits for one that does nothing else`,
    busy: (workers: number) =>
      workers === 1 ? 'its one worker is busy' : `all ${workers.toLocaleString()} workers that could run it are busy`,
    busyHere: 'all places are taken',
    next: 'it is next',
    ahead: (count: number) => `${plural(count, 'job is', 'jobs are')} before it`,
    eta: (likely: string, most: string) =>
      likely === most ? `it starts in about ${likely}` : `it starts in about ${likely}, at most ${most}`,
    cancel: 'It was asked to stop',
  },
  phase: PHASE,
  outcome: OUTCOME,
  timeline: 'Timeline',
  total: 'in all',
  attempt: (number: number) => `Attempt ${number}`,
  noStart: 'Not started',
  inLine: 'In line',
  version: (name: string) => `version ${name}`,
  suspect: 'runs alone',
  suspectHint:
    'A worker was lost with it before. It runs while nothing else does, so that a second loss blames the right job.',
  missing: (count: number) => `${plural(count, 'attempt', 'attempts')} between these are not kept.`,
  missingTries: (count: number) => `${plural(count, 'earlier try', 'earlier tries')} not kept`,
  tries: 'Tries',
  tryTold: (state: TryMark['state'], status: number | null, error: string | null) =>
    state === 'next' ? 'next try' : [state, status, error].filter((part) => part !== null).join(' '),
  broken: 'not to scale where it is cut',

  title: (id: string) => `Job …${id.slice(-8)}`,
  kinds: { prediction: 'prediction', training: 'training' } as Record<string, string>,
  rerunOf: 'runs the input of another job again',
  standing: 'How it stands',
  unlinked: 'The live stream is broken; it is tried again.',
  progress: 'Progress',
  lastTry: 'That was the last try. Another one follows.',
  traceback: 'Traceback',
  details: 'Details',
  about: 'About this job',

  toPlayground: 'Open in playground',
  retry: 'Retry',
  rerun: 'Run again as new job',
  rerunHint: 'The input is submitted anew, as another job. This one stays as it is.',
  onVersion: 'On version',
  cancel: 'Cancel job',
  purge: 'Purge job',
  cancelHint: 'If it waits, it is canceled at once. If it runs, its model is told to stop.',
  purgeHint: 'The job, its log and its files are taken away for good.',

  parts: 'Parts of the job',
  tabs: { output: 'Output', input: 'Input', logs: 'Logs', events: 'Events', deliveries: 'Webhooks', raw: 'Raw' },
  noOutput: 'No output yet.',
  neverOutput: 'It has no output.',
  partial: 'It did not succeed: this is what the model had given until then.',
  streaming: 'So far:',
  large: 'It is too large to be shown here.',
  openOutput: 'Save the output',
  masked: 'Secret values are never shown.',
  hiddenInput: 'The input is too large to be shown here.',
  save: 'Save',
  cut: 'Only the first part is shown.',

  log: 'Log',
  logSearch: 'Search the log',
  level: 'Level from',
  levels: { debug: 'debug', info: 'info', warn: 'warn', error: 'error' } satisfies Record<LogLevel, string>,
  saveLog: 'Save the log',
  lines: (shown: number, all: number) =>
    shown === all ? plural(all, 'line', 'lines') : `${shown.toLocaleString()} of ${plural(all, 'line', 'lines')}`,
  droppedLines: (count: number) => `The first ${plural(count, 'line is', 'lines are')} not kept here.`,
  noLines: 'Nothing in the log.',
  noLinesYet: 'Nothing in the log yet.',
  earlier: (count: number) => `${count.toLocaleString()} earlier`,
  later: (count: number) => `${count.toLocaleString()} later`,
  toEnd: 'Follow the end',

  noEvents: 'No events are kept.',
  at: 'At',
  event: 'Event',
  tells: 'Tells',
  eventTypes: EVENTS,

  noDeliveries: 'No webhooks were sent for this job.',
  deliveryStatus: DELIVERY,
  nextTry: 'next try',
  showBody: 'Show body',
  hideBody: 'Hide body',
  redeliver: 'Send again',

  facts: {
    created: 'Submitted',
    runAt: 'Not before',
    started: 'Started',
    finished: 'Ended',
    expires: 'Expires',
    purge: 'Kept until',
    waited: 'Waited',
    ran: 'Ran',
    attempts: 'Attempts',
    priority: 'Priority',
    webhook: 'Webhook',
    labels: 'Labels',
    measured: 'Measured by the model',
  },
  attemptsOf: (made: number, most: number, crashes: number) =>
    crashes === 0
      ? `${made} of ${most}`
      : `${made}, of which ${plural(crashes, 'crash does', 'crashes do')} not count for the ${most} allowed`,
}
