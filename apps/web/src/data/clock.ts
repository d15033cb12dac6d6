/** The time of the server, as far as its answers tell: the clock of a browser may be wrong by hours. Used for all relative times. */
import { signal } from '@preact/signals'

/** What is added to the browser's clock. A `Date` header has whole seconds, so smaller differences are none. Milliseconds. */
let offset = 0
const WHOLE_SECOND = 1500

/** Learns from the `Date` header of an answer. Called by call.ts. */
export function learnTime(header: string | null, now = Date.now()): void {
  const told = Date.parse(header ?? '')
  if (Number.isNaN(told)) return
  // On average the second is half over.
  const found = told + 500 - now
  if (Math.abs(found - offset) > WHOLE_SECOND) offset = Math.abs(found) > WHOLE_SECOND ? found : 0
}

/** Milliseconds since 1970, by the clock of the server. */
export const serverNow = (): number => Date.now() + offset

/** The same, once a second while the page is seen. Whatever reads it is shown again. */
export const tick = signal(serverNow())

/** Lets `tick` go on. Called once, by main.tsx. */
export function startClock(): void {
  setInterval(() => {
    if (document.visibilityState === 'visible') tick.value = serverNow()
  }, 1000)
}
