/** What the routes of OpenAI have in common. */

/** How all its paths begin. */
export const BASE = '/openai/v1'

/** Times are Unix seconds there. */
export const secondsOf = (ms: number): number => Math.floor(ms / 1000)
