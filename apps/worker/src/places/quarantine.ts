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
    await runner.whenReady(closing)
    closing.throwIfAborted()
    return (await this.#deps.check?.(runner, closing)) ?? true
  }
}
