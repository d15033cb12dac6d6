/** Redis' time in this process: what signs and dates webhooks, so that a wrong clock here makes no receiver refuse them. */
export interface WebhookClock {
  /** Milliseconds since 1970. */
  now(): number
  /** Hears what Redis' clock says now. */
  tell(redisMs: number): void
}

export function createWebhookClock(own: () => number = Date.now): WebhookClock {
  let ahead = 0
  return {
    now: () => own() + ahead,
    tell(redisMs) {
      ahead = redisMs - own()
    },
  }
}
