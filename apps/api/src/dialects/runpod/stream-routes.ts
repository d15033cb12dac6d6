/**
 * The output of a job in pieces, as RunPod's clients ask for it: the same address again and again, and each piece once. They keep no
 * place of their own, so the record notes how far they are.
 */
import { atLatest } from '@millrace/async'
import { isTerminal, type JobRecord } from '@millrace/contracts'
import { runpodStatusOf } from '@millrace/dialects'
import { createEventPages, type EventPages } from '../../events/event-pages.ts'
import type { ApiContext } from '../../http/api-deps.ts'
import type { UnlistedRoute } from '../../http/router.ts'
import { found } from '../../jobs/job-context.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { runpodJobOf } from './runpod-job.ts'

const route: UnlistedRoute = {
  ...{ method: 'get', path: '/runpod/v2/{endpoint}/stream/{id}', operation: 'runpodStream' },
  scope: 'jobs:read',
}

/** How long an answer waits for a piece: the client of npm asks again at once, and that of Python gives up after 10 s. */
const HOLD_MS = 5000
/** Events read at once. */
const PAGE = 200
/** Pieces of one answer, and about how many characters of JSON they may have. */
const MOST = { pieces: 500, chars: 1024 * 1024 }

type StreamDeps = Pick<DialectDeps, 'jobs' | 'objects' | 'changes' | 'hangUps' | 'doorway'>

/** What is new for whoever asks. `after`: the event behind which that is, `last`: the newest that was looked at. */
interface News {
  record: JobRecord
  after: string
  last: string
  pieces: { output: unknown }[]
  isAll: boolean
}

export function runpodStreamRoutes(router: DialectRouter, deps: StreamDeps): void {
  const pages = createEventPages(deps.jobs, deps.objects)
  router.addUnlisted(route, async (c) => {
    const record = await runpodJobOf(c, deps)
    const { record: now, pieces, isAll } = await new Piecemeal(deps, pages, record).next(c)
    // Clients stop at the end of a job, so they are told of it with the last piece and not before.
    return c.json({ status: isAll ? runpodStatusOf(now) : 'IN_PROGRESS', stream: pieces })
  })
}

/** One reading of what is new in one job. */
class Piecemeal {
  readonly #deps: StreamDeps
  readonly #pages: EventPages
  readonly #first: JobRecord

  constructor(deps: StreamDeps, pages: EventPages, first: JobRecord) {
    this.#deps = deps
    this.#pages = pages
    this.#first = first
  }

  async next(c: ApiContext): Promise<News> {
    const { changes, hangUps } = this.#deps
    let wake = (): void => undefined
    let isOver = false
    let isGone = false
    const stops = [
      changes.follow(this.#first.id, () => wake()),
      atLatest(HOLD_MS, () => {
        isOver = true
        wake()
      }),
      hangUps.listen(c, () => {
        isGone = true
        wake()
      }),
    ]
    try {
      for (;;) {
        // Before it reads: what is told meanwhile is not missed.
        const told = new Promise<void>((resolve) => (wake = resolve))
        const news = await this.#read()
        const isWorth = news.pieces.length > 0 || isTerminal(news.record.status)
        if (isWorth || isGone || isOver) {
          // Nobody would get them.
          if (isGone || c.req.method === 'HEAD') return news
          if (await this.#take(news)) return news
        } else {
          await told
        }
      }
    } finally {
      for (const stop of stops) stop()
    }
  }

  /** False when somebody else has taken some of it. */
  async #take({ record, after, last }: News): Promise<boolean> {
    const { id, tenant } = record
    return found(await this.#deps.jobs.handOn(id, tenant, after, last)).outcome === 'moved'
  }

  async #read(): Promise<News> {
    const { id, tenant } = this.#first
    const { jobs } = this.#deps
    const asked = found(await jobs.handOn(id, tenant, '', ''))
    const after = asked.outcome === 'at' ? asked.at : ''
    // Before the log: so all that an ended job said is in what is read after it.
    const { record } = found(await jobs.get(id, { tenant }))
    const news: News = { record, after, last: after, pieces: [], isAll: false }
    let chars = 0
    while (!news.isAll && news.pieces.length < MOST.pieces && chars < MOST.chars) {
      const page = await this.#pages.eventPage(id, { tenant }, { after: news.last, count: PAGE })
      const { events, more } = found(page)
      for (const { event } of events) {
        if (event.type !== 'output') continue
        news.pieces.push({ output: event.chunk })
        chars += JSON.stringify(event.chunk)?.length ?? 0
      }
      news.last = events.at(-1)?.id ?? news.last
      news.isAll = !more || events.length === 0
    }
    return news
  }
}
