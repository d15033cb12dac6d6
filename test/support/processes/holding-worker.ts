/** A process that holds a job and can be killed. Started by queue.test.ts. */
import { createInterface } from 'node:readline'
import { openTestQueue } from '../open-test-queue.ts'

/**
 * A worker process that claims one job of a model and holds it. Arguments: the Redis URL and the model. Prints `claimed
 * <fence>` on stdout. For every line on stdin it tries to succeed and prints the answer.
 */
const [url = '', model = ''] = process.argv.slice(2)
const queue = openTestQueue(url)
const consumer = queue.createConsumer(
  model,
  async ({ id, delivery }) => {
    const claim = await queue.attempts.claim(id, { worker: queue.worker, delivery })
    if (claim.outcome !== 'claimed') return { outcome: 'done' }
    const hold = { id, fence: claim.record.fence }
    process.stdout.write(`claimed ${hold.fence}\n`)
    for await (const _ of createInterface({ input: process.stdin })) {
      const late = await queue.attempts.succeed(hold, {
        output: { value: { inline: '"late"' }, files: [] },
        runSeconds: 0,
      })
      process.stdout.write(`${late.outcome}\n`)
    }
    return { outcome: 'done' }
  },
  { concurrency: 1 },
)
consumer.start()
