/**
 * Whether the server knows us. The cookie is not seen from here, so the answers tell: a request that is refused ends the session,
 * and a log-in begins one. Used by call.ts, by the log-in, and by the shell.
 */
import { signal } from '@preact/signals'

/**
 * `open`: nothing was refused. `closed`: a key is asked for. It was never given (`none`), it or the session has ended (`ended`), or
 * somebody has logged out (`left`).
 */
export type Session = { state: 'open'; isKnown: boolean } | { state: 'closed'; why: 'none' | 'ended' | 'left' }

/** Remembers that somebody has logged in here; never with what. */
const KEY = 'millrace-session'

export const session = signal<Session>({ state: 'open', isKnown: isNoted() })

/** After a refusal. */
export function loseSession(): void {
  const { value } = session
  if (value.state === 'open') session.value = { state: 'closed', why: value.isKnown ? 'ended' : 'none' }
  note(false)
}

/** After a log-in. */
export function beginSession(): void {
  note(true)
  session.value = { state: 'open', isKnown: true }
}

/** After a log-out. */
export function leaveSession(): void {
  note(false)
  session.value = { state: 'closed', why: 'left' }
}

function isNoted(): boolean {
  try {
    return localStorage.getItem(KEY) !== null
  } catch {
    return false
  }
}

function note(isIn: boolean): void {
  try {
    if (isIn) localStorage.setItem(KEY, '')
    else localStorage.removeItem(KEY)
  } catch {
    // Some browsers are told to keep nothing; then there is no word for logging out after a reload.
  }
}
