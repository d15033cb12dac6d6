/**
 * Recognises a create that is sent again because its connection died without an answer: no client of other platforms sends a key
 * with it, and some send it six times in 40 ms. Such a repeat is answered with the job of the one before it. Creates that were
 * answered, or whose connections live, are jobs of their own, however equal they are. Used by DialectIntake.
 */
import { createHash } from 'node:crypto'
import type { JobId, JobRecord } from '@millrace/contracts'
import type { ApiContext } from '../http/api-deps.ts'
import { principalOf } from '../http/router.ts'

/** How long a create is remembered whose connection has died. Milliseconds. */
const REMEMBERED_MS = 10_000
/** Creates that are remembered, those in flight among them; above it the oldest is forgotten. */
const MOST = 5000

interface Create {
  /** Rejects when it was refused: then there is nothing to repeat. */
  kept: Promise<JobId>
  /** When its connection died without an answer, by performance.now(); undefined: it lives. */
  diedAt: number | undefined
}

export class Repeats {
  readonly #read: (c: ApiContext, id: JobId) => Promise<JobRecord>
  readonly #creates = new Map<Create, string>()
  readonly #byWhat = new Map<string, Set<Create>>()

  constructor(read: (c: ApiContext, id: JobId) => Promise<JobRecord>) {
    this.#read = read
  }

  /** The job of the create that this one repeats, or else the one that `keep` makes. */
  async keep(c: ApiContext, body: Uint8Array, keep: () => Promise<JobRecord>): Promise<JobRecord> {
    const client = c.env.outgoing
    if (!client) return keep()
    const what = whatOf(c, body)
    const before = this.#abandoned(what)
    const made = before ? undefined : keep()
    const kept = before ? before.kept : (made as Promise<JobRecord>).then(({ id }) => id)
    const create: Create = { kept, diedAt: client.destroyed ? performance.now() : undefined }
    if (before) this.#forget(before)
    this.#note(what, create)
    // Asked now: of what is written to a dead connection later, Node says that it was sent.
    client.once('close', () => {
      if (client.writableFinished) this.#forget(create)
      else create.diedAt ??= performance.now()
    })
    kept.catch(() => this.#forget(create))
    return made ?? this.#read(c, await kept)
  }

  #abandoned(what: string): Create | undefined {
    for (const create of this.#byWhat.get(what) ?? []) {
      if (create.diedAt === undefined) continue
      if (performance.now() - create.diedAt < REMEMBERED_MS) return create
      this.#forget(create)
    }
    return undefined
  }

  #note(what: string, create: Create): void {
    const equal = this.#byWhat.get(what) ?? new Set()
    this.#byWhat.set(what, equal.add(create))
    this.#creates.set(create, what)
    const [oldest] = this.#creates.size > MOST ? this.#creates.keys() : []
    if (oldest) this.#forget(oldest)
  }

  #forget(create: Create): void {
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
