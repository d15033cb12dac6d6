/** What a worker says of its models when it is asked on its health port whether it is ready. Called by start-worker.ts. */
import type { ModelStatus } from './served-models.ts'

/** So long a worker may be idle although jobs wait that it could be given: ten times as long as a wake that was lost costs. */
const MOST_IDLE_MS = 30_000

/** A sentence for each reason why it is not; empty when it is. */
export function whyUnready(models: readonly ModelStatus[]): string[] {
  if (models.length === 0) return ['No model was found yet.']
  return models.flatMap(({ label, readyRunners, idleMs }) => {
    if (readyRunners === 0) return [`No runner of ${label} is ready.`]
    if (idleMs < MOST_IDLE_MS) return []
    const seconds = Math.floor(idleMs / 1000)
    return [`Jobs of ${label} have waited for ${seconds} s, and this worker, which is idle, was given none.`]
  })
}
