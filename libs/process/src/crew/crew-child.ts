/**
 * One member of a crew as its parent sees it: it is started, listened to, and started again when it dies. Held by
 * crew-parent.ts.
 */
import cluster, { type Worker } from 'node:cluster'
import { startTimer } from '@millrace/async'
import { AskChannel, ChannelClosedError } from './ask-channel.ts'
import { HandedConnections } from './handed-connections.ts'
import type { Ask, Question, Questions, Word } from './crew-messages.ts'
import { MEMBER_VARIABLE } from './crew-member.ts'

/** The first wait before it is started again. The wait doubles with each death in a row. Milliseconds. */
const FIRST_DELAY_MS = 100
const MAX_DELAY_MS = 30_000
/** A member that served this long is started again at once, however often it died before. Milliseconds. */
const WELL_MS = 60_000

export interface ChildEvents {
  /** Facts for the next process, which gets them beside the environment of the parent. */
  env(): { number: number; size: number; port: number | undefined }
  /** True when another member serves. */
  hasOthers(): boolean
  answer(ask: Ask): Promise<unknown>
  hear(word: Word): void
  /** It has ended, with this code or signal. `inMs`: the time until it is started again; undefined when it is not. */
  ended(end: { code: number | null; signal: string | null; inMs: number | undefined }): void
}

export class CrewChild {
  readonly number: number
  readonly #events: ChildEvents
  #worker: Worker | undefined
  #channel: AskChannel | undefined
  #listeningSince: number | undefined
  #deaths = 0
  #restarts = true
  #takeBack: () => void = () => undefined

  constructor(number: number, events: ChildEvents) {
    this.number = number
    this.#events = events
  }

  get pid(): number | undefined {
    return this.#worker?.process.pid
  }

  get isListening(): boolean {
    return this.#listeningSince !== undefined
  }

  /**
   * True when it listens and can still be reached. When a member dies, its channel ends before the end of its process is
   * known.
   */
  get isReached(): boolean {
    return this.isListening && this.#worker?.isConnected() === true
  }

  get isGone(): boolean {
    return this.#worker === undefined
  }

  start(): void {
    const worker = cluster.fork({ [MEMBER_VARIABLE]: JSON.stringify(this.#events.env()) })
    const channel = new AskChannel({
      // When the message cannot be sent, the member is gone and does not need it. The event `exit` tells its end.
      send: (message) => {
        if (worker.isConnected()) worker.send(message, () => undefined)
      },
      answer: (ask) => this.#events.answer(ask),
      hear: (word) => {
        if (word.tell === 'listening') this.#listeningSince = performance.now()
        this.#events.hear(word)
      },
    })
    this.#worker = worker
    this.#channel = channel
    const handed = new HandedConnections(worker.process)
    worker.on('message', (message: unknown) => channel.receive(message))
    worker.process.on('close', (code, signal) => {
      handed.release(this.#events.hasOthers())
      this.#gone(worker, { code, signal })
    })
    worker.on('error', () => {
      // The process could not even be started, so there will be no event `exit`.
      if (worker.process.pid === undefined) this.#gone(worker, { code: null, signal: null })
    })
  }

  /** Rejects when the member does not exist, cannot answer or takes too long. */
  ask<What extends Question>(
    what: What,
    asked: Questions[What]['ask'],
    withinMs: number,
  ): Promise<Questions[What]['answer']> {
    return this.#channel?.ask(what, asked, withinMs) ?? Promise.reject(new ChannelClosedError())
  }

  /** Lets it finish its work. It is not started again. */
  stop(): void {
    this.#restarts = false
    this.#takeBack()
    // A member that does not serve yet may not be able to hear us.
    if (this.isListening) this.#channel?.tell({ tell: 'stop' })
    else this.kill('SIGTERM')
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#worker?.process.kill(signal)
  }

  #gone(worker: Worker, end: { code: number | null; signal: string | null }): void {
    if (this.#worker !== worker) return
    const served = this.#listeningSince === undefined ? 0 : performance.now() - this.#listeningSince
    this.#worker = undefined
    this.#listeningSince = undefined
    this.#channel?.close()
    this.#deaths = served >= WELL_MS ? 0 : this.#deaths
    const inMs = this.#restarts ? Math.min(FIRST_DELAY_MS * 2 ** this.#deaths, MAX_DELAY_MS) : undefined
    this.#deaths++
    if (inMs !== undefined) this.#takeBack = startTimer(inMs, () => this.start())
    this.#events.ended({ ...end, inMs })
  }
}
