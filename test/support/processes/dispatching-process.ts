/** A process that sends webhooks and can be killed. Started by webhook-dispatcher.test.ts. */
import { createMetrics } from '@millrace/process'
import { createWebhooks } from '@millrace/worker'
import { openTestQueue, silent } from '../open-test-queue.ts'

/**
 * Sends all webhooks that are due to receivers on this machine. Arguments: the Redis URL, and for how many milliseconds it
 * takes a delivery. Prints `sends` on stdout once it works.
 */
const [url = '', leaseMs = ''] = process.argv.slice(2)
const webhooks = createWebhooks({
  ...{ store: openTestQueue(url).webhooks, publicUrl: 'https://ml.example.com', dispatch: true },
  ...{ allowHosts: ['127.0.0.1'], allowHttp: false, metrics: createMetrics(), logger: silent },
  pace: { leaseMs: Number(leaseMs), pollMs: 20 },
})
await webhooks.start()
process.stdout.write('sends\n')
