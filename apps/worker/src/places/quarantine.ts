/**
 * Where a slot is until its device is known to be well again: its runner is replaced, loads the model anew and is checked. If that fails,
 * it is tried again later and later. Made by SlotPool.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Runner } from '@millrace/host'

export interface QuarantineDeps {
  /** Whether a runner that has loaded does what it should, such as an example of its model. Default: that it loads is enough. */
  check?: ((runner: Runner, signal: AbortSignal) => Promise<boolean>) | undefined
  /** Hears what becomes of a slot, for the log. */
  tell?: ((slot: string, what: 'taken out' | 'quarantined' | 'back') => void) | undefined
  /** First and longest time until it is tried again. Milliseconds; default 30 s and 10 minutes. */
  retryMs?: readonly [number, number] | undefined
}

/** What it asks of a slot. */
export interface Patient {
  readonly slot: string
  readonly runner: Runner
  /** Its check failed; it is tried again. */
  isQuarantined: boolean
}

/** How often it is looked whether a process that is to load has failed to. Milliseconds. */
const LOOK_MS = 1000
const RETRY_MS = [30_000, 600_000] as const

export class Quarantine {
  readonly #deps: QuarantineDeps

  constructor(deps: QuarantineDeps = {}) {
    this.#deps = deps
  }

  /** Resolves when the slot is well; rejects when `closing` is aborted or its runner is stopped. */
  async treat(patient: Patient, closing: AbortSignal): Promise<void> {
    const { tell, retryMs: [first, longest] = RETRY_MS } = this.#deps
    tell?.(patient.slot, 'taken out')
    for (let waitMs = first; !(await this.#isWell(patient.runner, closing)); waitMs = Math.min(2 * waitMs, longest)) {
      if (!patient.isQuarantined) tell?.(patient.slot, 'quarantined')
      patient.isQuarantined = true
      await pause(waitMs, undefined, { signal: closing, ref: false })
    }
    patient.isQuarantined = false
    tell?.(patient.slot, 'back')
  }

  async #isWell(runner: Runner, closing: AbortSignal): Promise<boolean> {
    await runner.renew?.()
    if (!(await loads(runner, closing))) return false
    return (await this.#deps.check?.(runner, closing).catch(() => false)) ?? true
  }
}

/** False: it could not be loaded, as far as is known. Its runner goes on to try. Rejects when `closing` is aborted or it is stopped. */
async function loads(runner: Runner, closing: AbortSignal): Promise<boolean> {
  for (;;) {
    const look = AbortSignal.timeout(LOOK_MS)
    try {
      await runner.whenReady(AbortSignal.any([closing, look]))
      closing.throwIfAborted()
      return true
    } catch (error) {
      if (closing.aborted || !look.aborted) throw error
      if (runner.loadFault !== undefined) return false
    }
  }
}
