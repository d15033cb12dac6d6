/** A worker of a test, without runners: takes jobs as they come and has each done by a function. Called by tests of the queue. */
import type { JobRecord } from '@millrace/contracts'
import type { AttemptStore, HandOut, Queue } from '@millrace/queue'
import { TEST_LINE } from './open-test-queue.ts'

/** Takes until it is closed. `act` is to end the attempt; what it throws is thrown by `close`. */
export function runJobs(
  queue: Queue,
  model: string,
  act: (attempts: AttemptStore, job: JobRecord) => Promise<unknown>,
  { places = 4, lines = [TEST_LINE] as readonly string[] } = {},
): Pick<HandOut, 'close'> {
  const faults: unknown[] = []
  let held = 0
  const free = () => places - held
  const handOut = queue.createHandOut(
    { model, version: '1.0.0', lines },
    {
      hasRoom: () => free() > 0,
      room: () => (free() > 0 ? { places: free(), alone: held === 0, fill: (jobs) => jobs.forEach(run) } : undefined),
      isWellFilled: () => false,
      becomeIdle: () => undefined,
    },
  )
  const run = (job: JobRecord) => {
    held++
    act(handOut.attempts, job)
      .catch((error: unknown) => faults.push(error))
      .finally(() => {
        held--
        handOut.poke()
      })
  }
  handOut.start()
  return {
    close: async () => {
      await handOut.close()
      if (faults.length > 0) throw faults[0]
    },
  }
}
