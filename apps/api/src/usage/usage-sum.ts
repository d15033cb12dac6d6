/** Adds up what was used: a row for each group that was asked for. Called by read-usage.ts. */
import type { UsageGroup, UsageRow, UsageSums } from '@millrace/contracts'
import { USAGE_COLUMNS, type UsageBucket, type UsageCounts } from '@millrace/queue'
import { dayText } from './usage-query.ts'

export interface Used {
  model: string
  tenant: string
  bucket: UsageBucket
}

interface Group {
  names: Pick<UsageRow, UsageGroup>
  counts: UsageCounts
}

export class UsageSum {
  readonly #by: readonly UsageGroup[]
  readonly #groups = new Map<string, Group>()
  readonly #total = nothing()

  constructor(by: readonly UsageGroup[]) {
    this.#by = by
  }

  add({ model, tenant, bucket }: Used): void {
    const all = { day: dayText(bucket.day), tenant, model, key: bucket.key }
    const names = Object.fromEntries(this.#by.map((group) => [group, all[group]]))
    const id = JSON.stringify(names)
    const group = this.#groups.get(id) ?? { names, counts: nothing() }
    this.#groups.set(id, group)
    for (const column of USAGE_COLUMNS) {
      group.counts[column] += bucket.counts[column]
      this.#total[column] += bucket.counts[column]
    }
  }

  get size(): number {
    return this.#groups.size
  }

  get total(): UsageSums {
    return toSums(this.#total)
  }

  /** In the order of their groups; jobs without a key come first. */
  rows(): UsageRow[] {
    const sortable = [...this.#groups.values()].map((group) => ({
      group,
      place: this.#by.map((name) => group.names[name] ?? ''),
    }))
    sortable.sort((a, b) => compare(a.place, b.place))
    return sortable.map(({ group: { names, counts } }) => ({ ...names, ...toSums(counts) }))
  }
}

function compare(a: readonly string[], b: readonly string[]): number {
  for (const [i, text] of a.entries()) {
    const other = b[i] ?? ''
    if (text !== other) return text < other ? -1 : 1
  }
  return 0
}

const nothing = (): UsageCounts => Object.fromEntries(USAGE_COLUMNS.map((name) => [name, 0])) as UsageCounts

const toSums = ({ queue_ms, run_ms, device_ms, bytes_in, bytes_out, ...ends }: UsageCounts): UsageSums => ({
  ...ends,
  ...{ queue_seconds: queue_ms / 1000, run_seconds: run_ms / 1000, device_seconds: device_ms / 1000 },
  ...{ bytes_in, bytes_out },
})
