/** What `millrace dev` shows: a banner, how each model loads, and one line for each job as it ends. Plain text. */
import { dirname } from 'node:path'
import type { Manifest } from '@millrace/contracts'
import type { LoadFailure, ModelRef } from '@millrace/host'
import type { AttemptEnd, AuthorEvents } from '@millrace/worker'
import { exampleRequest } from '../schema/example-request.ts'
import { ownStackLine } from '../terminal/own-stack-line.ts'
import { firstLine, plainText } from '../terminal/plain-text.ts'

export interface AuthorScreenOptions {
  /** One line or block, without its last line end. */
  write(text: string): void
  /** Paths are shown relative to it. */
  cwd: string
  /** Whether requests need an API key. */
  withKey: boolean
  /** How long the banner waits for models that load slowly. Default 5000 ms. */
  bannerMs?: number
}

export interface AuthorScreen extends AuthorEvents {
  /** The API listens there: the banner follows once every model has loaded or failed, or after `bannerMs`. */
  up(url: string): void
  close(): void
}

interface Shown {
  label: string
  state: 'loading' | 'ready' | 'failed'
  since: number
  manifest?: Manifest
  /** The failure that was shown; the same again is not. */
  said?: string
}

export function createAuthorScreen(options: AuthorScreenOptions): AuthorScreen {
  const { write, cwd, withKey, bannerMs = 5000 } = options
  const models = new Map<string, Shown>()
  let url: string | undefined
  let bannerShown = false
  let bannerTimer: NodeJS.Timeout | undefined
  let folderFault: string | undefined

  const say = (text: string) => write(`${clock()}  ${text}`)

  const showBanner = () => {
    clearTimeout(bannerTimer)
    if (url === undefined || bannerShown) return
    bannerShown = true
    write(banner(url, [...models.values()], withKey))
  }
  const settled = () => {
    if (![...models.values()].some(({ state }) => state === 'loading')) showBanner()
  }
  const shownOf = ({ label, path }: ModelRef): Shown => {
    const key = path ?? label
    const shown = models.get(key) ?? { label, state: 'loading', since: performance.now() }
    models.set(key, shown)
    return shown
  }
  const fail = (model: ModelRef, failure: LoadFailure) => {
    const shown = shownOf(model)
    const text = failureText(model, failure, cwd)
    if (shown.said !== text) say(text)
    shown.said = text
    if (shown.state === 'loading') shown.state = 'failed'
    settled()
  }

  return {
    up(address) {
      url = address
      bannerTimer = setTimeout(showBanner, bannerMs)
      // The worker starts after the API: until it has found its models there is nothing to wait for.
      if (models.size > 0) settled()
    },
    close: () => clearTimeout(bannerTimer),
    onLoading(model) {
      const known = models.get(model.path ?? model.label)
      if (bannerShown) say(`${model.label}: ${known ? 'changed, loading it again' : 'new, loading it'}`)
      models.set(model.path ?? model.label, { label: model.label, state: 'loading', since: performance.now() })
      folderFault = undefined
    },
    onServed(model, manifest) {
      const shown = shownOf(model)
      Object.assign(shown, { state: 'ready', manifest, said: undefined })
      const seconds = (performance.now() - shown.since) / 1000
      if (bannerShown) say(`${manifest.name} ${manifest.version} is ready (${seconds.toFixed(1)} s)`)
      settled()
    },
    onLoadFailed: fail,
    onGivenUp: (model, error) => fail(model, { message: error instanceof Error ? error.message : String(error) }),
    onGone(model, manifest) {
      models.delete(model.path ?? model.label)
      say(`${manifest?.name ?? model.label}: withdrawn, its file is gone; its jobs wait in the queue`)
    },
    onPassedOver: ({ label }, install) =>
      say(`${label} is passed over, its packages are not installed: ${firstLine(install)}`),
    onFolderFault(message) {
      if (message !== folderFault) say(message)
      folderFault = message
      showBanner()
    },
    onAttempt: (end) => say(jobLine(end)),
  }
}

const clock = (): string => new Date().toTimeString().slice(0, 8)

function banner(url: string, models: Shown[], withKey: boolean): string {
  const rows = models.map(({ label, state, manifest }) => [manifest?.name ?? label, manifest?.version ?? '-', state])
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0), 0))
  const table = rows.map(([name = '', version = '', state = '']) =>
    `  ${name.padEnd(widths[0] ?? 0)}  ${version.padEnd(widths[1] ?? 0)}  ${STATES[state as Shown['state']]}`.trimEnd(),
  )
  const first = models.find(({ manifest }) => manifest)?.manifest
  return [
    '',
    `Millrace is up at ${url}`,
    `The API's page is ${url}/docs`,
    '',
    ...(table.length > 0 ? table : ['  no model yet: `millrace new NAME` makes one']),
    '',
    ...(first ? ['Try it:', `  ${exampleRequest(url, first, withKey)}`, ''] : []),
    'Save a file of a model and it is loaded again. Ctrl-C stops; accepted jobs are kept.',
    '',
  ].join('\n')
}

const STATES: Record<Shown['state'], string> = {
  loading: 'still loading',
  ready: 'ready',
  failed: 'does not load, see above',
}

function failureText(model: ModelRef, { message, traceback }: LoadFailure, cwd: string): string {
  const own = model.path === undefined ? undefined : ownStackLine(traceback, dirname(model.path), cwd)
  const lines = [...plainText(message).trimEnd().split('\n').slice(0, 12), ...(own ? [firstLine(own)] : [])]
  return [`${model.label} does not load; its jobs wait until it does:`, ...lines.map((line) => `    ${line}`)].join(
    '\n',
  )
}

/** Of a job's id all but the end is the same for a model. */
const SHORT_ID = 8

function jobLine({ jobId, model, outcome, again, runSeconds }: AttemptEnd): string {
  const status = again ? 'again' : (STATUS[outcome.kind] ?? outcome.kind)
  const seconds = runSeconds === undefined ? '-' : `${runSeconds.toFixed(runSeconds < 10 ? 2 : 0)} s`
  const why =
    outcome.kind === 'failed' ? `${outcome.error.code}: ${firstLine(outcome.error.message)}` : WHY[outcome.kind]
  return [`…${jobId.slice(-SHORT_ID)}`, model, status.padEnd(9), seconds, why].filter((part) => part).join('  ')
}

const STATUS: Partial<Record<AttemptEnd['outcome']['kind'], string>> = { stopped: 'canceled' }

const WHY: Partial<Record<AttemptEnd['outcome']['kind'], string>> = {
  released: 'back in the queue',
  lost: 'another attempt has it',
}
