/** The worker that a team glues itself: BullMQ calls the model's function in its own process. */
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { BARE_QUEUE, bareRequestSchema } from './bare-queue.ts'

const [url = '', concurrency = '1'] = process.argv.slice(2)
const predict = ({ text }: { text: string }) => ({ text })
const input = bareRequestSchema.shape.input
const worker = new Worker(BARE_QUEUE, async (job) => predict(input.parse(job.data)), {
  connection: new Redis(url, { maxRetriesPerRequest: null }),
  concurrency: Number(concurrency),
})
await worker.waitUntilReady()
console.log('ready yes')
