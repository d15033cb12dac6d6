/**
 * The parent of a crew: several processes of the same command that share one port and look like one from outside. Node's
 * cluster accepts connections here and hands them on in turn, to a member that has taken the last one it was given. Nothing
 * else of a request passes through this process. Started by commands that may run as several processes.
 */
import cluster from 'node:cluster'
import { createLifecycle, type Lifecycle, type Loop, settledWithin, WithLifecycle } from '@millrace/async'
import type { Logger } from '../logging/logger.ts'
import { createMetrics } from '../metrics.ts'
import { CrewChild } from './crew-child.ts'
import type { Ask, Word } from './crew-messages.ts'
import type { Health } from './health.ts'
import { HeldPlaces } from './held-places.ts'
import { createSilenceWatch } from './silence-watch.ts'
import { SummedMetrics } from './summed-metrics.ts'

/** How long a member may take to answer a question. Milliseconds. */
const ANSWER_MS = 1500
/** A member that serves but answers nothing for about a minute is killed. */
const SILENCE = { everyMs: 5000, looks: 12 }
/**
 * Extra time after the grace, in which a member writes down what must not be lost. Shorter than that of runServices.
 * Milliseconds.
 */
const KILL_SLACK_MS = 4000

export interface CrewOptions {
  size: number
  /** The name of the members in the log: API. */
  name: string
  logger: Logger
  /** Called once, when all members listen. */
  onListening(url: string): void
  /** A member says that no other member would do better. The crew should then be stopped with a code of failure. */
  onHopeless(): void
  /** When a silent member is killed. Default: after a minute. */
  silence?: { everyMs: number; looks: number }
  /** The program to start. Default: the program and the arguments of this process. */
  program?: { exec: string; args: string[] }
}

/** A member ended before all of them listened. It has said the reason itself. */
export class CrewStartError extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super('a process could not start')
    this.name = 'CrewStartError'
    this.exitCode = exitCode
  }
}

export class CrewParent extends WithLifecycle {
  readonly name: string
  readonly #options: CrewOptions
  readonly #children: CrewChild[]
  /**
   * A start resolves when all listen, and rejects with CrewStartError when one of them cannot. A stop lets all members finish
   * their work within the grace, then kills them.
   */
  protected readonly life: Lifecycle
  readonly #watch: Loop
  readonly #summed = new SummedMetrics()
  readonly #metrics = createMetrics()
  readonly #countRestart: () => void
  readonly #places = new HeldPlaces()
  /** The port on which the members listen. */
  #port: number | undefined
  /** The port that a member must ask for, instead of the one in the settings; see `#portToAsk`. */
  #asked: number | undefined
  #url = ''
  #isStopping = false
  /** Called once, at the next change of any member. */
  readonly #waiting = new Set<() => void>()
  /** The error of the first member that ended before all listened. */
  #failed: CrewStartError | undefined
  #haveAllListened = false

  constructor(options: CrewOptions) {
    super()
    this.name = options.name
    this.#options = options
    const numbers = Array.from({ length: options.size }, (_, index) => index + 1)
    this.#children = numbers.map((number) => this.#child(number))
    this.life = createLifecycle({
      begin: (stopping) => this.#begin(stopping),
      end: (graceMs) => this.#end(graceMs),
    })
    this.#watch = createSilenceWatch({
      ...(options.silence ?? SILENCE),
      members: this.#children,
      ask: (child) => child.ask('health', {}, ANSWER_MS),
      onSilent: (child) => {
        options.logger.error({ process: child.number }, `a process of the ${options.name} is silent and is killed`)
        child.kill('SIGKILL')
      },
    })
    const processes = { name: 'millrace_api_processes', help: 'Processes of this API that serve.' }
    this.#metrics.gauge(processes, (self) => self.set(this.#children.filter(({ isListening }) => isListening).length))
    const restarts = this.#metrics.counter({
      name: 'millrace_api_process_ends_total',
      help: 'Processes of this API that ended unasked and were started again.',
    })
    this.#countRestart = () => restarts.inc()
  }

  async #begin(stopping: AbortSignal): Promise<void> {
    stopping.addEventListener('abort', () => this.#changed(), { once: true })
    cluster.schedulingPolicy = cluster.SCHED_RR
    cluster.setupPrimary(this.#options.program)
    const [first, ...others] = this.#children
    // The first member starts alone. So a fault that stops all of them is reported once, and the others know the port.
    for (const some of [[first], others]) {
      for (const child of some) child?.start()
      while (!some.every((child) => child?.isListening) && !this.#failed && !stopping.aborted) await this.#change()
      if (stopping.aborted) return
      if (this.#failed) {
        await this.#end(0)
        throw this.#failed
      }
    }
    this.#haveAllListened = true
    await this.#watch.start()
    this.#options.onListening(this.#url)
  }

  async #end(graceMs: number): Promise<void> {
    this.#isStopping = true
    void this.#watch.stop(0)
    for (const child of this.#children) child.stop()
    const gone = this.#allGone()
    if (await settledWithin(gone, graceMs + KILL_SLACK_MS)) return
    this.#options.logger.warn('processes did not end in time and are killed')
    for (const child of this.#children) child.kill('SIGKILL')
    await gone
  }

  async #allGone(): Promise<void> {
    while (!this.#children.every(({ isGone }) => isGone)) await this.#change()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve))
  }

  #changed(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const hear of waiting) hear()
  }

  #child(number: number): CrewChild {
    const child: CrewChild = new CrewChild(number, {
      env: () => ({ number, size: this.#options.size, port: this.#portToAsk() }),
      hasOthers: () => this.#children.some((other) => other !== child && other.isReached),
      answer: (ask) => this.#answer(number, ask),
      hear: (word) => this.#hear(child, word),
      ended: (end) => this.#ended(child, end),
    })
    return child
  }

  /**
   * Members share a port when they all ask for the same one, even when it is 0. When nobody listens any more, the next
   * member asks for the real port: 0 would then give another one.
   */
  #portToAsk(): number | undefined {
    if (!this.#children.some(({ isListening }) => isListening)) this.#asked = this.#port
    return this.#asked
  }

  #listens(child: CrewChild, { url, port }: { url: string; port: number }): void {
    this.#port ??= port
    this.#url ||= url
    // The last member that listened ended while this one started, so this one got another port.
    if (port !== this.#port) child.kill('SIGTERM')
    this.#changed()
  }

  #hear(child: CrewChild, word: Word): void {
    const { number } = child
    if (word.tell === 'listening') this.#listens(child, word)
    else if (word.tell === 'left') this.#places.leave(number, word.holder)
    else if (word.tell === 'counts') this.#summed.heard(number, word.metrics)
    else if (word.tell === 'hopeless' && !this.#isStopping) this.#options.onHopeless()
  }

  #ended({ number }: CrewChild, end: { code: number | null; signal: string | null; inMs: number | undefined }): void {
    this.#places.died(number)
    this.#summed.ended(number)
    if (!this.#isStopping) {
      const { name, logger } = this.#options
      if (!this.#haveAllListened) this.#failed ??= new CrewStartError(end.code ?? 1)
      else {
        this.#countRestart()
        logger.error({ process: number, ...end }, `a process of the ${name} ended and is started again`)
      }
    }
    this.#changed()
  }

  async #answer(number: number, ask: Ask): Promise<unknown> {
    if (ask.what === 'take') return this.#places.take(number, ask.holder, ask)
    if (ask.what === 'metricsOfAll') return this.#metricsOfAll()
    if (ask.what === 'healthOfAll') return this.#healthOfAll()
    throw new Error(`the parent is not asked for ${ask.what}`)
  }

  /** When a member does not answer in time, its last known measurements are used. */
  async #metricsOfAll(): Promise<string> {
    const asked = this.#children.map(async (child) => {
      const { pid } = child
      const snapshot = await child.ask('metrics', {}, ANSWER_MS).catch(() => undefined)
      if (snapshot && child.pid === pid) this.#summed.heard(child.number, snapshot)
    })
    await Promise.all(asked)
    return this.#summed.render(await this.#metrics.snapshot())
  }

  async #healthOfAll(): Promise<Health> {
    const { name, size } = this.#options
    const told = await Promise.all(this.#children.map((child) => this.#healthOf(child)))
    const reasons = new Set(told.flatMap((health) => health.reasons))
    const away = told.filter(({ isAway }) => isAway).length
    const what = this.#haveAllListened ? 'ended and are started again' : 'still start'
    if (away > 0) reasons.add(`${away} of ${size} processes of the ${name} ${what}`)
    return { ok: told.every(({ ok }) => ok), reasons: [...reasons] }
  }

  /** A member that is being started again is no fault: it gets no connections, the others do its work, and no request fails. */
  async #healthOf(child: CrewChild): Promise<Health & { isAway?: boolean }> {
    const away = { ok: true, reasons: [], isAway: true }
    if (!child.isListening) return away
    const { pid } = child
    try {
      return await child.ask('health', {}, ANSWER_MS)
    } catch {
      if (child.pid !== pid) return away
      return { ok: false, reasons: [`process ${child.number} of the ${this.#options.name} does not answer`] }
    }
  }
}
