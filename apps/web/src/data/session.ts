/**
 * Whether the server knows us. The cookie is not seen from here, so the answers tell: a request that is refused ends the session,
 * and a log-in begins one. Used by call.ts, by the log-in, and by main.tsx.
 */
import type { Problem } from '@millrace/contracts'
import { signal } from '@preact/signals'

/** `closed`: a key is asked for, and why. */
export type Session = { state: 'open' } | { state: 'closed'; problem: Problem | undefined }

export const session = signal<Session>({ state: 'open' })

export function loseSession(problem?: Problem): void {
  if (session.value.state === 'open') session.value = { state: 'closed', problem }
}

export function openSession(): void {
  session.value = { state: 'open' }
}
