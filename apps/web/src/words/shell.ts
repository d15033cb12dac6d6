/** The words of what surrounds every screen: navigation, log-in, faults, parts. Merged in words.ts. */
import type { JobStatus } from '@millrace/contracts'

const STATUS: Record<JobStatus, string> = {
  queued: 'queued',
  running: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'canceled',
}

export const SHELL_WORDS = {
  product: 'Millrace',
  skip: 'Skip to content',
  navigation: 'Main',
  menu: 'Menu',
  models: 'Models',
  loading: 'Loading …',
  notFound: 'There is no such page',
  notFoundHint: 'The address may be mistyped, or from another version.',
  toStart: 'Go to the models',
  retry: 'Try again',
  unreachable: 'The server does not answer',
  unreachableHint: 'It may be restarting. This page tries again by itself.',
  unreadable: 'The server gave an answer that is not its own',
  unreadableHint: 'Something between this page and the server may have answered in its place.',
  stale: (ago: string) => `Not up to date: last answer ${ago}`,
  close: 'Close',
  cancel: 'Cancel',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'Could not copy: select the text and copy it yourself',
  status: STATUS,
  ago: (time: string) => `${time} ago`,
  in: (time: string) => `in ${time}`,
  justNow: 'just now',
  units: {
    ms: (count: number) => `${count} ms`,
    s: (count: string) => `${count} s`,
    min: (count: number) => `${count} min`,
    h: (count: number) => `${count} h`,
    d: (count: number) => `${count} d`,
  },
  jobs: 'Jobs',
  failures: 'Failures',
}
