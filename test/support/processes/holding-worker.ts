/** A process that holds a job and can be killed. Started by queue.test.ts. */
import { createInterface } from 'node:readline'
import { openTestQueue, TEST_LINE } from '../open-test-queue.ts'

/**
 * A worker process that claims one job of a model and holds it. Arguments: the Redis URL and the model. Prints `claimed
 * <fence>` on stdout. For every line on stdin it tries to succeed and prints the answer.
 */
const [url = '', model = ''] = process.argv.slice(2)
const queue = openTestQueue(url)
const { records } = await queue.attempts.take({
  ...{
    model,
    worker: queue.worker,
    version: '1.0.0',
    lines: [TEST_LINE],
    places: 1,
    alone: true,
    process: 'p',
    seq: 1,
  },
})
for (const { id, fence } of records) {
  process.stdout.write(`claimed ${fence}\n`)
  for await (const _ of createInterface({ input: process.stdin })) {
    const late = await queue.attempts.succeed(
      { id, fence },
      { output: { value: { inline: '"late"' }, files: [] }, runSeconds: 0 },
    )
    process.stdout.write(`${late.outcome}\n`)
  }
}
