/** How long creates without a key are known. Part of SCRIPT_CONSTANTS. Milliseconds. */
const SECOND = 1000

export const REPEATS = {
  /** How long a create whose connection died is taken for one that may be sent again. */
  REPEAT_MS: 10 * SECOND,
  /** So long after an answer it may turn out, in another process, that it did not arrive. */
  UNSURE_MS: 50,
  /** No create is in hand for longer, and none is remembered for longer. */
  IN_HAND_MS: 120 * SECOND,
  /** Equal creates that are known at once; above it the oldest is forgotten. */
  MOST_EQUAL: 64,
} as const
