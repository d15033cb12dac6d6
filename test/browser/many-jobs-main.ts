/** `npx tsx test/browser/many-jobs-main.ts [count]`: how fast the page is with very many jobs, by default 100,000. Takes some minutes. */
import { openTestQueue } from '../support/open-test-queue.ts'
import { startStack } from '../support/start-stack.ts'
import { fillRecord, MANY_MODEL, timePage } from './many-jobs.ts'
import { openBrowser } from './open-browser.ts'
import { openPage } from './open-page.ts'

/** What people should not have to wait for. Milliseconds. */
const MOST = { list: 300, filtered: 300, byId: 200 }

const count = Number(process.argv[2] ?? 100_000)
const stack = await startStack({ workers: 0 })
const limits = { tenantJobs: 2 * count, modelJobs: 2 * count, retentionSeconds: 86_400 }
const queue = openTestQueue(stack.redis.url, { limits })
const begun = performance.now()
const id = await fillRecord(queue, count)
console.log(`${count} jobs after ${Math.round((performance.now() - begun) / 1000)} s`)
const browser = await openBrowser()
const watched = await openPage(browser, { url: `${await stack.api.url()}/`, at: '/about' })
const times = await timePage(watched.page, id, 9)
const counts = await (await stack.client.request(`/v1/jobs/counts?model=${MANY_MODEL}`)).json()
console.log(JSON.stringify({ times, counts }))
await browser.close()
await queue.close()
await stack.stop()
const late = Object.entries(MOST).filter(([name, most]) => !(times[name as keyof typeof MOST] <= most))
for (const [name, most] of late) console.log(`too slow: ${name} took more than ${most} ms`)
process.exitCode = late.length > 0 ? 1 : 0
