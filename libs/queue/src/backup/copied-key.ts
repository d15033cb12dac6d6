/** Which keys of Redis a backup has, and what each of them is about. Read by whoever copies the record and whoever restores it. */

/** All keys of Millrace begin so, in a Redis that others may share. */
export const KEY_PREFIXES = ['mr:', '{mr:'] as const

/** What lives only as long as a process, and the name of the data set, which a restore makes anew. */
const PASSING = ['{mr:workers}:', 'mr:repeats:pulse:', 'mr:sweeper', 'mr:data-set']

/** What a look at Redis tries itself out on, and leaves to its end. */
const PROBES = ['mr:probe', '{mr:probe']

const startsWithAny = (key: string, starts: readonly string[]): boolean => starts.some((start) => key.startsWith(start))

export const isOurs = (key: string): boolean => startsWithAny(key, KEY_PREFIXES) && !startsWithAny(key, PROBES)
export const isKept = (key: string): boolean => isOurs(key) && !startsWithAny(key, PASSING)

const JOB = /^\{mr:[^}]+\}:job:(job_[^:]+)$/

/** Of the key of a record: the id of its job. */
export const jobOfRecordKey = (key: string): string | undefined => JOB.exec(key)?.[1]

/** A key as a backup keeps it. */
export interface CopiedKey {
  key: string
  /** When it ends by itself, in milliseconds of Unix time. Absent: never. */
  expires?: number
  /** What DUMP answers. Absent: there is no such key any more; what was told of it before is void. */
  dump?: Buffer
  /** Of a record: the status of its job. */
  status?: string
}

/** What a record comes to. The same for a backup and for what was restored from it. */
export interface RecordCounts {
  keys: number
  /** Keys by what they are about: a model has its jobs in `models`. */
  areas: Record<string, number>
  /** Jobs by their status. */
  jobs: Record<string, number>
}

/** The area of a key: the part of its tag that is no name, such as `files` or `webhooks`. */
export function areaOf(key: string): string {
  const tag = /^\{mr:([^}:]+)(:[^}]+)?\}/.exec(key)?.[1]
  if (tag === undefined) return 'common'
  return /^[0-9a-z]{8}$/.test(tag) && tag !== 'webhooks' ? 'models' : tag
}

/** Counts the keys of a record in which a later one takes the place of an earlier one. */
export class RecordCounter {
  /** By a short digest, because there may be millions. */
  readonly #seen = new Map<string, string>()
  readonly #digest: (key: string) => string

  constructor(digest: (key: string) => string) {
    this.#digest = digest
  }

  add({ key, dump, status }: CopiedKey): void {
    if (dump === undefined) this.#seen.delete(this.#digest(key))
    else this.#seen.set(this.#digest(key), status === undefined ? areaOf(key) : `job ${status}`)
  }

  counts(): RecordCounts {
    const areas: Record<string, number> = {}
    const jobs: Record<string, number> = {}
    for (const what of this.#seen.values()) {
      const status = what.startsWith('job ') ? what.slice(4) : undefined
      if (status !== undefined) jobs[status] = (jobs[status] ?? 0) + 1
      const area = status === undefined ? what : 'models'
      areas[area] = (areas[area] ?? 0) + 1
    }
    return { keys: this.#seen.size, areas: sorted(areas), jobs: sorted(jobs) }
  }
}

const sorted = (counts: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).toSorted(([one], [other]) => (one < other ? -1 : 1)))
