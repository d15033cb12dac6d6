/** Reads what a pipeline answers. Called wherever several commands go to Redis in one write. */

/** The answers of a pipeline. Throws the first error among them. */
export function repliesOf(replies: [error: Error | null, reply: unknown][] | null): unknown[] {
  return (replies ?? []).map(([error, reply]) => {
    if (error) throw error
    return reply
  })
}
