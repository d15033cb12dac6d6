/** A secret that can be turned without losing a message: for a day the old one signs along. Pure; API and worker use it. */
import type { TurningSecret } from '../ports/webhook-store.ts'

const OVERLAP_MS = 24 * 60 * 60 * 1000
/** Turned more often within a day, the oldest stop signing early: each adds a signature to every message. */
const MOST_PREVIOUS = 3

/** What signs now, the current one first. */
export const secretsAt = ({ current, previous }: TurningSecret, nowMs: number): string[] => [
  current,
  ...previous.filter(({ until }) => Date.parse(until) > nowMs).map(({ secret }) => secret),
]

/** With `fresh` in front; what was current signs along for a day. */
export function turnSecret({ current, previous }: TurningSecret, fresh: string, nowMs: number): TurningSecret {
  const alive = previous.filter(({ until }) => Date.parse(until) > nowMs)
  const old = { secret: current, until: new Date(nowMs + OVERLAP_MS).toISOString() }
  return { current: fresh, previous: [old, ...alive].slice(0, MOST_PREVIOUS) }
}
