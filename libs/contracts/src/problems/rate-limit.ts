/** How much of a limit is left, as the headers RateLimit-Policy and RateLimit tell it. Given with refusals by a limit. */

export interface RateLimit {
  /** Its name in the headers: that of the setting of a tenant. */
  name: string
  quota: number
  /** The limit is on so many seconds. Absent: on what there is at a time. */
  windowSeconds?: number
  remaining: number
  /** Seconds until more is left. Absent: as soon as less is used. */
  resetSeconds?: number
}
