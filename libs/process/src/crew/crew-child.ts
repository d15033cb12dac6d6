/** One member of a crew, seen from its parent: started, listened to, and started again when it dies. Held by crew-parent.ts. */
import cluster, { type Worker } from 'node:cluster'
import { startTimer } from '@millrace/async'
import { AskChannel, ChannelClosedError } from './ask-channel.ts'
import { HandedConnections } from './handed-connections.ts'
import type { Ask, Question, Questions, Word } from './crew-messages.ts'
import { MEMBER_VARIABLE } from './crew-member.ts'

/** First wait before it is started again; doubles with each death in a row. Milliseconds. */
const FIRST_DELAY_MS = 100
const MAX_DELAY_MS = 30_000
/** One that served so long is started again at once, whatever was before. Milliseconds. */
const WELL_MS = 60_000

export interface ChildEvents {
  /** The environment of the next one, beside that of the parent. */
  env(): { number: number; size: number; port: number | undefined }
  /** Whether another member serves. */
  hasOthers(): boolean
  answer(ask: Ask): Promise<unknown>
  hear(word: Word): void
  /** It is gone, by this code or signal; `inMs` until it is started again, undefined where it is not. */
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

  /** It is also reached: of one that dies, the end of its channel is heard before that of the process. */
  get isReached(): boolean {
    return this.isListening && this.#worker?.isConnected() === true
  }

  get isGone(): boolean {
    return this.#worker === undefined
  }

  start(): void {
    const worker = cluster.fork({ [MEMBER_VARIABLE]: JSON.stringify(this.#events.env()) })
    const channel = new AskChannel({
      // What cannot be sent any more is of no use to one that is gone; its end is told by `exit`.
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
      // It could not even be started: no exit will be told.
      if (worker.process.pid === undefined) this.#gone(worker, { code: null, signal: null })
    })
  }

  /** Rejects when it is not there, cannot answer or takes too long. */
  ask<What extends Question>(
    what: What,
    asked: Questions[What]['ask'],
    withinMs: number,
  ): Promise<Questions[What]['answer']> {
    return this.#channel?.ask(what, asked, withinMs) ?? Promise.reject(new ChannelClosedError())
  }

  /** Lets it end what it has in hand, and starts no other. */
  stop(): void {
    this.#restarts = false
    this.#takeBack()
    // One that does not serve yet may not hear us yet.
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
