/** What `millrace dev` shows in plain text: a banner, how each model loads, and one line for each job when it ends. */
import { dirname } from 'node:path'
import type { Manifest } from '@millrace/contracts'
import type { LoadFailure, ModelRef } from '@millrace/host'
import type { AttemptEnd, AuthorEvents, RunsInHand } from '@millrace/worker'
import { typedText } from '../command/typed.ts'
import { ownStackLine } from '../terminal/own-stack-line.ts'
import { firstLine, plainText } from '../terminal/plain-text.ts'
import { jobLine } from './job-line.ts'
import { renderBanner } from './render-banner.ts'
import { ShownModels } from './shown-models.ts'

export interface AuthorScreenOptions {
  /** One line or block, without its last line end. */
  write(text: string): void
  /** Paths are shown relative to this folder. */
  cwd: string
  /** Whether requests need an API key. */
  withKey: boolean
  withPage: boolean
  /** How long the banner waits for models that load slowly. Default 5000 ms. */
  bannerMs?: number
}

export class AuthorScreen implements AuthorEvents {
  readonly #options: AuthorScreenOptions
  readonly #models = new ShownModels()
  /** The address of the API. Set once it listens. */
  #url: string | undefined
  #isBannerShown = false
  #folderFault: string | undefined

  constructor(options: AuthorScreenOptions) {
    this.#options = options
  }

  /** Called when the API listens. The banner follows once every model has loaded or failed, or after `bannerMs`. */
  up(url: string): void {
    this.#url = url
    setTimeout(() => this.#showBanner(), this.#options.bannerMs ?? 5000).unref()
    // The worker starts after the API. Until it has found its models, there is nothing to wait for.
    this.#showSettled()
  }

  onLoading(model: ModelRef): void {
    const isKnown = this.#models.startLoading(model)
    this.#folderFault = undefined
    if (this.#isBannerShown) this.#say(`${model.label}: ${isKnown ? 'changed, loading it again' : 'new, loading it'}`)
  }

  onServed(model: ModelRef, manifest: Manifest): void {
    const shown = this.#models.of(model)
    Object.assign(shown, { state: 'ready', manifest, told: undefined })
    const seconds = (performance.now() - shown.since) / 1000
    if (this.#isBannerShown) this.#say(`${manifest.name} ${manifest.version} is ready (${seconds.toFixed(1)} s)`)
    this.#showSettled()
  }

  onLoadFailed(model: ModelRef, failure: LoadFailure): void {
    const shown = this.#models.of(model)
    const text = failureText(model, failure, this.#options.cwd)
    if (shown.told !== text) this.#say(text)
    shown.told = text
    if (shown.state === 'loading') shown.state = 'failed'
    this.#showSettled()
  }

  onGivenUp(model: ModelRef, error: unknown): void {
    this.onLoadFailed(model, { message: error instanceof Error ? error.message : String(error) })
  }

  onGone(model: ModelRef, manifest: Manifest | undefined): void {
    this.#models.forget(model)
    this.#say(`${manifest?.name ?? model.label}: withdrawn, its file is gone; its jobs wait in the queue`)
  }

  onWaiting(inHand: readonly RunsInHand[], graceMs: number): void {
    const what = inHand.map(({ model, runs }) => `${runs} run${runs === 1 ? '' : 's'} of ${model}`).join(', ')
    const most = Math.round(graceMs / 1000)
    this.#say(`stopping, waits for ${what}, at most ${most} s; Ctrl-C again stops at once, then they run again later`)
  }

  onPassedOver({ label }: ModelRef, install: string): void {
    this.#say(`${label} is passed over, its packages are not installed: ${firstLine(install)}`)
  }

  onFolderFault(message: string): void {
    if (message !== this.#folderFault) this.#say(message)
    this.#folderFault = message
    this.#showBanner()
  }

  onAttempt(end: AttemptEnd): void {
    this.#say(jobLine(end))
  }

  #showSettled(): void {
    if (this.#models.areSettled) this.#showBanner()
  }

  /** Shows the banner once, and not before the API listens. */
  #showBanner(): void {
    if (this.#url === undefined || this.#isBannerShown) return
    this.#isBannerShown = true
    const { write, withKey, withPage } = this.#options
    write(renderBanner({ url: this.#url, models: this.#models.all(), withKey, withPage }))
  }

  #say(text: string): void {
    this.#options.write(`${new Date().toTimeString().slice(0, 8)}  ${typedText(text)}`)
  }
}

function failureText(model: ModelRef, { message, traceback }: LoadFailure, cwd: string): string {
  const own = model.path === undefined ? undefined : ownStackLine(traceback, dirname(model.path), cwd)
  const lines = [...plainText(message).trimEnd().split('\n').slice(0, 12), ...(own ? [firstLine(own)] : [])]
  return [`${model.label} does not load; its jobs wait until it does:`, ...lines.map((line) => `    ${line}`)].join(
    '\n',
  )
}
