/** Whether a model's place in the registry shows. Made by model-worker.ts. */
import type { Manifest } from '@millrace/contracts'
import type { ModelPublisher } from '@millrace/queue'
import type { FaultLog } from '../fault-log.ts'

/** A model's entry in the registry, as this worker keeps it: one call at a time, in order. */
export interface Presence {
  /** Publishes, and again every `everyMs` for as long as it is called. */
  show(): void
  /** Withdraws, if it was published. */
  hide(): void
  /** Withdraws for good; resolves when Redis was told or could not be. */
  leave(): Promise<void>
}

export interface PresenceOptions {
  registry: ModelPublisher
  manifest: Manifest
  workerId: string
  logFault: FaultLog
  /** Default 5000; the registry forgets a worker that was not seen for 15 s. */
  everyMs?: number
}

export function createPresence({ registry, manifest, workerId, logFault, everyMs = 5000 }: PresenceOptions): Presence {
  let shownAt: number | undefined
  let busy = false
  let queue = Promise.resolve()

  /** A call that is still under way, because Redis is away, is waited for rather than piled upon. */
  const tell = (what: string, call: () => Promise<void>) => {
    busy = true
    queue = queue
      .then(call)
      .catch((error: unknown) => logFault(what, error, { model: manifest.name }))
      .then(() => {
        busy = false
      })
  }

  const hide = () => {
    if (shownAt === undefined) return
    shownAt = undefined
    tell('A model could not be withdrawn', () => registry.withdraw(manifest.name, workerId))
  }

  return {
    show() {
      if (busy || (shownAt !== undefined && performance.now() - shownAt < everyMs)) return
      shownAt = performance.now()
      tell('A model could not be published', () => registry.publish(manifest, workerId))
    },
    hide,
    async leave() {
      hide()
      await queue
    },
  }
}
