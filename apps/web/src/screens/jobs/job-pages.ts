/**
 * A search of jobs as a page follows it: a page of jobs, asked for again every few seconds without moving its rows, and how many
 * there are by status. Held by the screen of jobs.
 */
import { signal } from '@preact/signals'
import type { Job, JobCounts, JobFilter, JobList } from '@millrace/contracts'
import { call, CallError } from '../../data/call.ts'
import { serverNow } from '../../data/clock.ts'
import { filterOfSearch, queryOfFilter } from '../../search/filter-of-search.ts'
import type { SearchTerm } from '../../search/search-term.ts'
import { type JobRow, mergePage, rowRead } from './merge-page.ts'

export const PAGE_SIZE = 50
const PACE_MS = 5000
/** Where jobs have to be read to know whether they match: each look costs the server thousands of reads. */
const DEAR_PACE_MS = 60_000
/** Rows that are read one by one in one round. */
const UNSEEN_AT_ONCE = 10

export interface Search {
  terms: readonly SearchTerm[]
  /** Where the page begins; absent for the newest jobs. */
  after?: string | undefined
}

export class JobPages {
  /** Undefined until they came. */
  readonly rows = signal<JobRow[] | undefined>(undefined)
  /** Jobs that came since. */
  readonly fresh = signal(0)
  /** By status, as if the search named none. */
  readonly counts = signal<JobCounts | undefined>(undefined)
  readonly fault = signal<CallError | undefined>(undefined)
  /** Where the next page begins; null at the end. */
  readonly next = signal<string | null>(null)
  /** How far back the search went, where it ended before the page was full. */
  readonly searchedTo = signal<string | null>(null)
  /** While it goes back further. */
  readonly isSearching = signal(false)
  readonly isLive = signal(true)
  readonly #search: Search
  readonly #stop = new AbortController()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(search: Search) {
    this.#search = search
  }

  get filter(): JobFilter {
    return filterOfSearch(this.#search.terms, serverNow())
  }

  start(): void {
    document.addEventListener('visibilitychange', this.#onVisibility)
    void this.load()
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility)
    clearTimeout(this.#timer)
    this.#stop.abort()
  }

  /** Shows the page as it is now, new jobs too. */
  load(): Promise<void> {
    return this.#round(async () => {
      const page = await this.#page(this.#search.after)
      this.rows.value = page.data.map((job) => ({ job, state: 'matches' }))
      this.#ends(page)
      this.fresh.value = 0
      await this.#count()
    })
  }

  /** Goes back further in a search that ended before its page was full. */
  async goOn(): Promise<void> {
    const from = this.next.value
    if (from === null || this.isSearching.value) return
    this.isSearching.value = true
    await this.#round(async () => {
      const page = await this.#page(from)
      this.rows.value = [...(this.rows.value ?? []), ...page.data.map((job): JobRow => ({ job, state: 'matches' }))]
      this.#ends(page)
    })
    this.isSearching.value = false
  }

  setLive(isLive: boolean): void {
    this.isLive.value = isLive
    if (isLive) void this.#refresh()
    else clearTimeout(this.#timer)
  }

  /** What was just done may have changed rows. */
  refresh(): Promise<void> {
    return this.#refresh()
  }

  readonly #onVisibility = (): void => {
    if (document.visibilityState === 'visible' && this.isLive.value) void this.#refresh()
    else clearTimeout(this.#timer)
  }

  #refresh(): Promise<void> {
    return this.#round(async () => {
      const page = await this.#page(this.#search.after)
      const { rows, fresh, unseen } = mergePage(this.rows.value ?? [], page.data, this.#search.after === undefined)
      this.rows.value = rows
      this.fresh.value = fresh
      for (const id of unseen.slice(0, UNSEEN_AT_ONCE)) await this.#read(id)
      await this.#count()
    })
  }

  async #read(id: string): Promise<void> {
    const job = await this.#call<Job>(`v1/jobs/${id}`).catch((error: unknown) => {
      if (error instanceof CallError && (error.status === 404 || error.status === 410)) return undefined
      throw error
    })
    this.rows.value = this.rows.value?.map((row) => (row.job.id === id ? rowRead(row, job) : row))
  }

  async #count(): Promise<void> {
    const known = this.counts.value
    if (known && !known.is_exact) return
    const { status: _, ...filter } = this.filter
    this.counts.value = await this.#call<JobCounts>(`v1/jobs/counts?${queryOfFilter(filter)}`)
  }

  #page(cursor: string | undefined): Promise<JobList> {
    const query = queryOfFilter(this.filter)
    query.set('limit', String(PAGE_SIZE))
    if (cursor !== undefined) query.set('cursor', cursor)
    return this.#call<JobList>(`v1/jobs?${query}`)
  }

  #call<Answer>(path: string): Promise<Answer> {
    return call<Answer>(path, { signal: this.#stop.signal })
  }

  #ends({ next_cursor, searched_to }: JobList): void {
    this.next.value = next_cursor
    this.searchedTo.value = searched_to
  }

  /** One round of questions; the next one follows after a while. */
  async #round(ask: () => Promise<void>): Promise<void> {
    clearTimeout(this.#timer)
    try {
      await ask()
      this.fault.value = undefined
    } catch (error) {
      if (this.#stop.signal.aborted || !(error instanceof CallError)) return
      this.fault.value = error
    }
    const isDear = this.searchedTo.value !== null || this.counts.value?.is_exact === false
    if (!this.isLive.value || document.visibilityState === 'hidden') return
    this.#timer = setTimeout(() => void this.#refresh(), isDear ? DEAR_PACE_MS : PACE_MS)
  }
}
