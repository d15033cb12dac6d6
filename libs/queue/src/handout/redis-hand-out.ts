/**
 * The hand-out of one model to one worker; see HandOut. Takes whenever there is room: when an attempt ends, with that end; when the
 * bell rings; and by a timer of the length that Redis tells. One call is under way at a time, and what comes meanwhile goes with
 * the next: under load many ends and takes share one. Made by openQueue.
 */
import { pause } from '@millrace/async'
import type { Log } from '@millrace/contracts'
import { randomUUID } from 'node:crypto'
import {
  type Beat,
  type BeatAnswer,
  type End,
  exchangeOf,
  RedisAttemptStore,
  toTaken,
} from '../jobs/redis-attempt-store.ts'
import type { AttemptStore, SettleResult } from '../ports/attempt-store.ts'
import type { HandOut, HandOutOptions, Room, Taker } from '../ports/hand-out.ts'
import { prefixOfModel } from '../redis/keys.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import type { Bell } from './bell.ts'
import { Batch } from './batch.ts'

export interface RedisHandOutDeps extends HandOutOptions {
  run: RunScript
  bell: Bell
  worker: string
  leaseMs: number
  logger: Log
}

/** Keeps one call well below a millisecond of Redis' time. */
const MOST_ENDS = 32
const MOST_BEATS = 64
const MOST_TAKEN = 32
/**
 * A call that need not hurry begins no sooner after the one before. Where jobs are short, many end meanwhile: one call for all of them
 * spares Redis and this process, and whoever waits for ends is woken once and not many times. Milliseconds.
 */
const GATHER_MS = 8
/** After a refusal of Redis. Milliseconds. */
const REST_MS = 1000

export class RedisHandOut implements HandOut {
  readonly attempts: AttemptStore
  readonly #deps: RedisHandOutDeps
  readonly #taker: Taker
  readonly #prefix: string
  readonly #process = randomUUID()
  readonly #ends: Batch<End, SettleResult>
  readonly #beats: Batch<Beat, BeatAnswer>
  /** Of the next take. One whose reply was lost is asked again by the same number, and what it was given comes then. */
  #seq = 1
  #taking = false
  #closed = false
  #wanted = false
  /** When the last call began, by performance.now(). */
  #calledMs = Number.NEGATIVE_INFINITY
  /** The bell was heard, and nothing was asked for since. */
  #wasRung = false
  /** It was asked to become idle, and was given nothing since. */
  #isAsked = false
  #timer: NodeJS.Timeout | undefined
  #listening: Promise<void> | undefined

  constructor(deps: RedisHandOutDeps, taker: Taker) {
    this.#deps = deps
    this.#taker = taker
    this.#prefix = prefixOfModel(deps.model)
    const { run, leaseMs } = deps
    this.#ends = new Batch(
      MOST_ENDS,
      (ends) => this.#exchange(ends),
      () => (this.#taker.isWellFilled() ? this.#calledMs + GATHER_MS - performance.now() : 0),
    )
    this.#beats = new Batch(MOST_BEATS, (attempts) =>
      attempts.length === 0
        ? Promise.resolve([])
        : run('handout/beat', { prefix: this.#prefix, lease: leaseMs, lines: [], attempts }),
    )
    this.attempts = new RedisAttemptStore(run, leaseMs, {
      end: (end) => this.#ends.add(end),
      beat: (beat) => this.#beats.add(beat),
    })
  }

  start(): void {
    if (this.#closed) return
    this.#taking = true
    this.poke()
  }

  poke(): void {
    if (!this.#taking) return
    this.#wanted = true
    this.#ends.flush()
  }

  async pause(): Promise<void> {
    this.#taking = false
    clearTimeout(this.#timer)
    await this.#ends.idle()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#taking = false
    clearTimeout(this.#timer)
    this.#deps.bell.close()
    await this.#listening
  }

  /** Tells how attempts ended, and takes what there is room for now. */
  async #exchange(ends: End[]): Promise<SettleResult[]> {
    this.#calledMs = performance.now()
    const room = this.#taking && this.#wanted ? this.#taker.room() : undefined
    this.#wanted = false
    if (!room) {
      this.#lookIn(REST_MS)
      if (this.#wasRung) void this.#passOn()
      if (this.#isAsked) void this.#goOnBecomingIdle()
    }
    this.#wasRung = false
    if (!room && ends.length === 0) return []
    const { run, leaseMs, worker, version, lines, model } = this.#deps
    const take = room && {
      ...{ model, worker, version, lines, process: this.#process, seq: this.#seq },
      ...{ places: Math.min(room.places, MOST_TAKEN), alone: room.alone },
    }
    try {
      const reply = await run('handout/take', exchangeOf(this.#prefix, leaseMs, ends, take))
      if (room) this.#given(room, toTaken(reply))
      return reply.ended
    } catch (error) {
      room?.fill([])
      this.#rest(error, ends.length)
      throw error
    }
  }

  #given(room: Room, { records, nextMs, becomesIdle }: ReturnType<typeof toTaken>): void {
    this.#seq++
    room.fill(records)
    this.#isAsked = becomesIdle
    if (becomesIdle) this.#taker.becomeIdle()
    // A full answer may not have been all; else there is nothing before the next wake or that time.
    if (records.length >= Math.min(room.places, MOST_TAKEN)) this.poke()
    else this.#lookIn(nextMs)
  }

  /** Else another process is asked: this one might be gone. */
  async #goOnBecomingIdle(): Promise<void> {
    const { run, leaseMs: lease, lines } = this.#deps
    const beat = { prefix: this.#prefix, lease, process: this.#process, lines, attempts: [] }
    await run('handout/beat', beat).catch(() => undefined)
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer)
    if (!this.#taking) return
    // What it was asked for is a lease too.
    const soon = this.#isAsked ? Math.min(ms, this.#deps.leaseMs / 3) : ms
    this.#timer = setTimeout(() => this.poke(), soon)
    this.#timer.unref()
    this.#listening ??= this.#listen().finally(() => (this.#listening = undefined))
  }

  #rest(error: unknown, ends: number): void {
    const reason = error instanceof Error ? error.message.slice(0, 200) : String(error)
    if (ends === 0)
      this.#deps.logger.warn({ model: this.#deps.model, reason }, 'No jobs could be asked for; trying again')
    this.#lookIn(REST_MS)
  }

  /** Listens while it takes and has room. Who hears the bell and has no room any more when it comes to asking passes it on. */
  async #listen(): Promise<void> {
    const { bell } = this.#deps
    while (this.#taking && this.#taker.hasRoom()) {
      const rang = await bell.rang().catch(() => pause(this.#closed ? 0 : REST_MS).then(() => false))
      if (!rang) continue
      this.#wasRung = true
      if (this.#taking) this.poke()
      else await this.#passOn()
    }
  }

  /** The bell was for somebody with room. */
  async #passOn(): Promise<void> {
    this.#wasRung = false
    const { run, lines } = this.#deps
    await run('handout/ring', { prefix: this.#prefix, lines: [...lines] }).catch(() => undefined)
  }
}
