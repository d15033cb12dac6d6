/**
 * Recognises a create that is sent again because its connection died without an answer, or because its answer said so: no client of
 * other platforms sends a key with it, and some send it six times in 40 ms. Such a repeat is answered with what the one before it has
 * made. Creates that were answered, or whose connections live, are of their own, however equal they are. Used by DialectIntake, and
 * by routes that make something other than a job.
 */
import { createHash } from 'node:crypto'
import type { ApiContext } from '../http/api-deps.ts'
import { principalOf } from '../http/router.ts'

/** How long a create is remembered that was left without an answer. Milliseconds. */
const REMEMBERED_MS = 10_000
/** Creates that are remembered, those in flight among them; above it the oldest is forgotten. */
const MOST = 5000

interface Create<Id> {
  /** Rejects when it was refused: then there is nothing to repeat. */
  kept: Promise<Id>
  /** When it was left without an answer, by performance.now(); undefined: it was not. */
  leftAt: number | undefined
  /** It is answered with no more than that it goes on: whoever sends it again means the same. */
  goesOn: boolean
}

/** `Kept`: what a create makes, a job for one. */
export class Repeats<Kept extends { id: string }> {
  readonly #read: (c: ApiContext, id: Kept['id']) => Promise<Kept>
  readonly #creates = new Map<Create<Kept['id']>, string>()
  readonly #byWhat = new Map<string, Set<Create<Kept['id']>>>()
  readonly #ofRequest = new WeakMap<Request, Create<Kept['id']>>()

  constructor(read: (c: ApiContext, id: Kept['id']) => Promise<Kept>) {
    this.#read = read
  }

  /** What the create has made that this one repeats, or else what `keep` makes. */
  async keep(c: ApiContext, body: Uint8Array, keep: () => Promise<Kept>): Promise<Kept> {
    const client = c.env.outgoing
    if (!client) return keep()
    const what = whatOf(c, body)
    const before = this.#abandoned(what)
    const made = before ? undefined : keep()
    const kept = before ? before.kept : (made as Promise<Kept>).then(({ id }) => id)
    const create = { kept, leftAt: client.destroyed ? performance.now() : undefined, goesOn: false }
    if (before) this.#forget(before)
    this.#note(what, create)
    this.#ofRequest.set(c.req.raw, create)
    // Asked now: of what is written to a dead connection later, Node says that it was sent.
    client.once('close', () => {
      if (client.writableFinished && !create.goesOn) this.#forget(create)
      else create.leftAt ??= performance.now()
    })
    kept.catch(() => this.#forget(create))
    return made ?? this.#read(c, await kept)
  }

  /** The answer to this request says that it is to be sent again: then it is not made again. */
  goesOn(c: ApiContext): void {
    const create = this.#ofRequest.get(c.req.raw)
    if (create) create.goesOn = true
  }

  #abandoned(what: string): Create<Kept['id']> | undefined {
    for (const create of this.#byWhat.get(what) ?? []) {
      if (create.leftAt === undefined) continue
      if (performance.now() - create.leftAt < REMEMBERED_MS) return create
      this.#forget(create)
    }
    return undefined
  }

  #note(what: string, create: Create<Kept['id']>): void {
    const equal = this.#byWhat.get(what) ?? new Set()
    this.#byWhat.set(what, equal.add(create))
    this.#creates.set(create, what)
    const [oldest] = this.#creates.size > MOST ? this.#creates.keys() : []
    if (oldest) this.#forget(oldest)
  }

  #forget(create: Create<Kept['id']>): void {
    const what = this.#creates.get(create)
    if (what === undefined) return
    this.#creates.delete(create)
    const equal = this.#byWhat.get(what)
    equal?.delete(create)
    if (equal?.size === 0) this.#byWhat.delete(what)
  }
}

function whatOf(c: ApiContext, body: Uint8Array): string {
  const { tenant, key } = principalOf(c)
  return createHash('sha256')
    .update(`${tenant}\n${key ?? ''}\n${c.req.path}\n`)
    .update(body)
    .digest('base64')
}
