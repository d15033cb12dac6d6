/** Waits for work that goes on in the server, such as a cancellation of many jobs. Called by commands that began it. */

const LOOK_MS = 500

/** What it is when it does not run any more. `read`: how it is now. */
export async function untilEnded<Work extends { status: string }>(
  begun: Work,
  read: () => Promise<Work>,
): Promise<Work> {
  let last = begun
  while (last.status === 'running') {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    last = await read()
  }
  return last
}
