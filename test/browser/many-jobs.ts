/**
 * A record of very many jobs, and how long the page takes to list them and to find one by its id. Called by jobs.test.ts with few, and
 * by many-jobs-main.ts with as many as people have.
 */
import { manifestSchema } from '@millrace/contracts'
import { newJobId, type Queue } from '@millrace/queue'
import type { Page } from 'playwright-core'
import { newJob } from '../support/open-test-queue.ts'
import { runJobs } from '../support/run-jobs.ts'
import { until } from '../support/until.ts'

export const MANY_MODEL = 'many'
/** Submitted at once: as many as share a call, some times over. */
const AT_ONCE = 500

/** Every third fails, each with a number of its own in its message; the last `waiting` stay queued. Answers an id from the middle. */
export async function fillRecord(queue: Queue, count: number, waiting = 50): Promise<string> {
  const manifest = manifestSchema.parse({ name: MANY_MODEL, version: '1.0.0', input_schema: {}, output_schema: {} })
  await queue.models.publish(manifest, 'w_many')
  let middle = ''
  let ended = 0
  const done = count - waiting
  const worker = runJobs(
    queue,
    MANY_MODEL,
    async (attempts, { id, fence }) => {
      const hold = { id, fence }
      ended += 1
      if (ended % 3 > 0)
        return attempts.succeed(hold, { output: { value: { inline: '{}' }, files: [] }, runSeconds: 0.1 })
      const error = { code: 'model_error', message: `page ${ended} is blank`, retryable: true } as const
      return attempts.fail(hold, { blame: 'final', error })
    },
    { places: 64 },
  )
  for (let from = 0; from < done; from += AT_ONCE) {
    const ids = await submit(queue, Math.min(AT_ONCE, done - from))
    if (from <= count / 2) middle = ids.at(-1) as string
  }
  await until('all have ended', () => ended === done, { timeoutMs: 600_000 })
  await worker.close()
  await submit(queue, waiting)
  return middle
}

async function submit(queue: Queue, count: number): Promise<string[]> {
  const jobs = Array.from({ length: count }, (_, i) =>
    newJob({ id: newJobId(MANY_MODEL), model: MANY_MODEL, metadata: { order: String(i) } }),
  )
  await Promise.all(jobs.map((job) => queue.jobs.submit(job)))
  return jobs.map(({ id }) => id)
}

/** In the page: goes to a place and waits until it is shown. Milliseconds. */
const shownAfter = (page: Page, place: string, selector: string): Promise<number> =>
  page.evaluate(`(async () => {
    const begin = performance.now()
    location.hash = ${JSON.stringify(place)}
    while (!document.querySelector(${JSON.stringify(selector)})) {
      if (performance.now() - begin > 20000) throw new Error('nothing is shown')
      await new Promise(requestAnimationFrame)
    }
    return performance.now() - begin
  })()`)

export interface PageTimes {
  list: number
  filtered: number
  byId: number
}

/** The median of some looks at each. Milliseconds, from the change of the address to what was looked for. */
export async function timePage(page: Page, id: string, looks = 5): Promise<PageTimes> {
  const medianOf = async (place: string, selector: string): Promise<number> => {
    const times: number[] = []
    for (let i = 0; i < looks; i++) {
      await shownAfter(page, '#/nowhere', 'main:not(:has(tbody)):not(:has(.lane))')
      times.push(await shownAfter(page, place, selector))
    }
    return times.sort((a, b) => a - b)[Math.floor(looks / 2)] as number
  }
  const row = 'tbody tr:nth-child(50)'
  return {
    list: await medianOf('#/jobs', row),
    filtered: await medianOf(`#/jobs?q=model:${MANY_MODEL}+status:failed`, row),
    byId: await medianOf(`#/jobs?q=${id}`, '.lane'),
  }
}
