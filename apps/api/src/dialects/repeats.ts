/**
 * Recognises a create that is sent again because its connection died without an answer, or because its answer said so: no client of other
 * platforms sends a key with it, and some send it six times in 40 ms. Such a repeat is answered with what the one before it has made,
 * whichever process of the API it comes to. Creates that were answered, or whose connections live, are of their own, however equal they
 * are. Used by DialectIntake, and by routes that make something other than a job.
 *
 * Each create has an id; the key of what it makes is made from that, and a repeat goes on under the id of the create before it. So one
 * comes of them, also while the first is still on its way, and when its process was killed.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { pause } from '@millrace/async'
import { ProblemError } from '@millrace/contracts'
import type { ArrivedCreate, RepeatStore } from '@millrace/queue'
import type { ApiContext } from '../http/api-deps.ts'
import { principalOf } from '../http/router.ts'
import type { KeyOf } from '../submit/submit-job.ts'
import { Heartbeat, type Pulses } from './heartbeat.ts'

/** From one look at what became of an equal create to the next. Milliseconds. */
const LOOK_MS = 15
/** Turns of the event loop after which an end that had come before is known. */
const TURNS = 2
/** So long after an answer it may turn out that it did not arrive. Milliseconds. */
const DOUBTED_MS = 10_000

type Fate = 'answered' | 'died' | 'refused'

/** The last create that was answered over a connection. */
interface Answered {
  /** Bytes that had come by then: more say that the client went on. */
  bytes: number
  atMs: number
  tell(fate: Fate): void
}

/** A create that this process has in hand. */
interface InHand {
  owner: string
  client: ServerResponse
  tell(fate: Fate): void
}

export class Repeats {
  readonly #store: RepeatStore
  readonly #process = randomUUID()
  readonly #heartbeat: Heartbeat
  readonly #answered = new WeakMap<Socket, Answered>()
  /** Those whose answer says that they are to be sent again. */
  readonly #goingOn = new WeakSet<Request>()
  /** By what they are. */
  readonly #inHand = new Map<string, Set<InHand>>()
  #made = 0

  constructor(store: RepeatStore) {
    this.#store = store
    this.#heartbeat = new Heartbeat(store, this.#process)
  }

  /**
   * `make` is given what makes its key; undefined where there is no connection that could die. `comparedBy`: what equal creates have in
   * common, in the place of the hash of their bodies.
   */
  async keep<Kept>(c: ApiContext, make: (keyOf?: KeyOf) => Promise<Kept>, comparedBy?: string): Promise<Kept> {
    const client = c.env.outgoing
    if (!client) return make()
    const owner = `${this.#process}.${++this.#made}`
    let create: ArrivedCreate | undefined
    let fate: Fate | undefined
    // What cannot be told is found out by whoever asks: this process lives or does not.
    const send = (): void => {
      if (create && fate) void this.#store.tell(create, fate).catch(() => undefined)
    }
    const tell = (news: Fate): void => {
      // What has died stays so; it may be somebody else's by now.
      if (fate === 'refused' || (fate === 'died' && news !== 'refused')) return
      fate = news
      send()
    }
    this.#watch(c, client, tell)
    try {
      return await make(async (hash) => {
        const bodyHash = comparedBy ?? hash
        const what = whatOf(c, bodyHash)
        this.#take(what.what, { owner, client, tell })
        create = await this.#arrive({ ...what, id: randomBytes(16).toString('base64url'), owner }, client)
        send()
        return { key: `${create.what}.${create.id}`, bodyHash }
      })
    } catch (error) {
      tell('refused')
      throw error
    }
  }

  /** The answer to this request says that it goes on: whoever sends it again means the same. */
  goesOn(c: ApiContext): void {
    this.#goingOn.add(c.req.raw)
  }

  #take(what: string, hand: InHand): void {
    if (hand.client.destroyed) return
    const equal = this.#inHand.get(what) ?? new Set()
    this.#inHand.set(what, equal.add(hand))
    hand.client.once('close', () => {
      equal.delete(hand)
      if (equal.size === 0) this.#inHand.delete(what)
    })
  }

  /** Asks until it is known of each equal create whether it has died. */
  async #arrive(create: ArrivedCreate, client: ServerResponse): Promise<ArrivedCreate> {
    const judged = new Map<string, boolean>()
    let pulses: Pulses | undefined
    for (;;) {
      const judgements = [...judged].map(([owner, lives]) => ({ owner, lives }))
      const arrival = await this.#store.arrive(create, judgements)
      if (arrival.outcome === 'new') return create
      if (arrival.outcome === 'repeat') return { ...create, id: arrival.id }
      // Nobody would hear of its job. The next one of these decides.
      if (client.destroyed) throw new ProblemError('unavailable', { retryAfter: 1 })
      const { owner, isAnswered } = arrival
      if (owner.startsWith(this.#process)) {
        await this.#judgeOwn(create, owner, judged)
        continue
      }
      await pause(LOOK_MS)
      if (isAnswered) continue
      if (pulses?.owner !== owner) pulses = this.#heartbeat.listen(owner)
      const lives = await pulses.judge()
      if (lives !== undefined) judged.set(owner, lives)
    }
  }

  /** Of those of this process it is known at once, as soon as what has come over their connections was looked at. */
  async #judgeOwn({ what, owner: asking }: ArrivedCreate, asked: string, judged: Map<string, boolean>): Promise<void> {
    for (let n = 0; n < TURNS; n++) await turn()
    // Also the one that has ended since and has not told yet, however that may be.
    judged.set(asked, true)
    for (const { owner, client, tell } of this.#inHand.get(what) ?? []) {
      if (owner === asking) continue
      if (isOver(client)) {
        tell('died')
        judged.delete(owner)
      } else judged.set(owner, true)
    }
  }

  #watch(c: ApiContext, client: ServerResponse, tell: (fate: Fate) => void): void {
    const { socket } = client
    if (client.destroyed) return tell('died')
    this.#heartbeat.hold()
    // Asked now: of what is written to a dead connection later, Node says that it was sent.
    client.once('close', () => {
      this.#heartbeat.letGo()
      if (!client.writableFinished || this.#goingOn.has(c.req.raw)) return tell('died')
      tell('answered')
      if (socket) this.#doubt(socket, tell)
    })
  }

  /** A connection that breaks behind an answer, with nothing more from its client, has lost it. One that is closed has not. */
  #doubt(socket: Socket, tell: (fate: Fate) => void): void {
    const isKnown = this.#answered.has(socket)
    this.#answered.set(socket, { bytes: socket.bytesRead, atMs: performance.now(), tell })
    if (isKnown) return
    socket.once('close', (isBroken: boolean) => {
      const last = this.#answered.get(socket)
      if (!isBroken || !last || socket.bytesRead > last.bytes) return
      if (performance.now() - last.atMs < DOUBTED_MS) last.tell('died')
    })
  }
}

/** Its client has gone, or sends nothing any more. */
const isOver = ({ destroyed, socket }: ServerResponse): boolean =>
  destroyed || socket?.destroyed === true || socket?.readableEnded === true

function whatOf(c: ApiContext, bodyHash: string): Pick<ArrivedCreate, 'tenant' | 'what'> {
  const { tenant, key } = principalOf(c)
  const what = createHash('sha256')
    .update(`${tenant}\n${key ?? ''}\n${c.req.method} ${c.req.path}\n${bodyHash}`)
    .digest('base64url')
  return { tenant, what }
}
