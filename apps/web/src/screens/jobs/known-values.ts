/** What the page has seen of jobs, so that the search line can complete it. Used by the screen of jobs. */
import { useMemo } from 'preact/hooks'
import { signal } from '@preact/signals'
import type { Job } from '@millrace/contracts'
import { usePoll } from '../../data/use-poll.ts'
import type { KnownValues } from '../../search/complete-search.ts'
import type { Condition } from '../../search/search-term.ts'

const NAMES = ['model', 'version', 'worker', 'device'] as const satisfies readonly Condition[]
/** Of each name, so that a tab that is open for weeks does not grow. */
const MOST = 200

const seen = {
  values: new Map<string, Set<string>>(NAMES.map((name) => [name, new Set()])),
  labels: new Map<string, Set<string>>(),
}
const changes = signal(0)

/** Called for each page of jobs. */
export function learnFrom(jobs: readonly Job[]): void {
  for (const { model, version, attempts, metadata } of jobs) {
    learn('model', model)
    learn('version', version)
    for (const { worker, device } of attempts) {
      learn('worker', worker)
      learn('device', device)
    }
    for (const [key, value] of Object.entries(metadata)) learnLabel(key, value)
  }
  changes.value += 1
}

function learn(name: (typeof NAMES)[number], value: string | null): void {
  const known = seen.values.get(name) as Set<string>
  if (value !== null && known.size < MOST) known.add(value)
}

function learnLabel(key: string, value: string): void {
  const known = seen.labels.get(key) ?? new Set()
  if (seen.labels.size < MOST) seen.labels.set(key, known)
  if (known.size < MOST) known.add(value)
}

export function learnValues(models: readonly string[]): KnownValues {
  void changes.value
  const values = Object.fromEntries([...seen.values].map(([name, some]) => [name, [...some]]))
  const labels = new Map([...seen.labels].map(([key, some]) => [key, [...some]] as const))
  return { ...values, model: [...new Set([...models, ...(values.model ?? [])])], labels }
}

/** Those that are served now. */
export function useModelNames(): readonly string[] {
  const poll = usePoll<{ data: { name: string }[] }>('v1/models', 60_000)
  const { value } = poll.data
  return useMemo(() => value?.data.map(({ name }) => name) ?? [], [value])
}
