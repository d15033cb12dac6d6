/** Jobs with files for one device of Millrace, as row 8 measures them: how busy it was, by what the model itself saw. */
import { fileURLToPath } from 'node:url'
import { until } from '../../../support/until.ts'
import { cpuOf } from '../../measure/measure-load.ts'
import { median } from '../../measure/median.ts'
import { type MillraceStack, startMillraceStack } from '../../stacks/start-millrace-stack.ts'
import { type FeedLoad, INPUT_BYTES } from './feed-one-by-one.ts'

const DEVICE = fileURLToPath(new URL('../../models/device', import.meta.url))
/** Within so many jobs the number in flight has to find itself; they are not counted. */
const FIRST = 20
/** Uploads at a time. */
const SENDERS = 8

export interface FedRound {
  /** Share of the time from the first counted run to the end of the last in which a run had the device. */
  busy: number
  /** The median between two runs. Milliseconds. */
  gapMs: number
  /** CPU of the worker process, of one core. */
  workerShare: number
}

interface Run {
  began: number
  ended: number
}

/** One round more than asked for; the first is thrown away. */
export async function feedMillrace({ store, runMs, jobs, rounds }: FeedLoad & { rounds: number }): Promise<FedRound[]> {
  const { endpoint, bucket, accessKeyId, secretAccessKey } = store
  const stack = await startMillraceStack({
    ...{ slots: 1, model: { folder: DEVICE, name: 'device' } },
    env: {
      S3_ENDPOINT: endpoint,
      S3_BUCKET: bucket,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
  })
  try {
    const fed: FedRound[] = []
    for (let round = 0; round <= rounds; round++) fed.push(await feed(stack, runMs, jobs + FIRST))
    return fed.slice(1)
  } finally {
    await stack.stop()
  }
}

/** All jobs wait before the first is given out, so that nothing but the worker decides how busy its device is. */
async function feed(stack: MillraceStack, runMs: number, jobs: number): Promise<FedRound> {
  await steer(stack, 'pause')
  const ids: string[] = []
  const submit = async () => {
    while (ids.length < jobs) {
      const place = ids.push('') - 1
      ids[place] = await submitJob(stack, runMs)
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, submit))
  const [cpuBefore, wanted] = [await cpuOf(stack), (await stack.finished()) + jobs]
  const begun = performance.now()
  await steer(stack, 'resume')
  await until('all jobs of the device have ended', async () => (await stack.finished()) >= wanted, {
    ...{ timeoutMs: 120_000, everyMs: 100 },
  })
  const seconds = (performance.now() - begun) / 1000
  const cpu = ((await cpuOf(stack)).worker ?? 0) - (cpuBefore.worker ?? 0)
  return { ...judge(await runsOf(stack, ids)), workerShare: cpu / seconds }
}

function judge(all: Run[]): Pick<FedRound, 'busy' | 'gapMs'> {
  const runs = all.toSorted((a, b) => a.began - b.began).slice(FIRST)
  const busy = runs.reduce((sum, { began, ended }) => sum + ended - began, 0)
  const gaps = runs.slice(1).map(({ began }, i) => began - (runs[i] as Run).ended)
  return { busy: busy / ((runs.at(-1)?.ended ?? 0) - (runs[0]?.began ?? 0)), gapMs: median(gaps) }
}

async function submitJob(stack: MillraceStack, ms: number): Promise<string> {
  const form = new FormData()
  form.set('input', JSON.stringify({ ms }))
  form.set('file', new Blob([INPUT_BYTES]), 'in.bin')
  const answer = await fetch(`${stack.url}/v1/models/device/jobs`, { method: 'POST', body: form })
  if (answer.status !== 202) throw new Error(`a submit was answered with ${answer.status}: ${await answer.text()}`)
  return ((await answer.json()) as { id: string }).id
}

async function runsOf(stack: MillraceStack, ids: string[]): Promise<Run[]> {
  const runs: Run[] = []
  for (const id of ids) {
    const job = (await (await fetch(`${stack.url}/v1/jobs/${id}`)).json()) as { status: string; output: Run }
    if (job.status !== 'succeeded') throw new Error(`${id} is ${job.status}`)
    runs.push(job.output)
  }
  return runs
}

async function steer({ url }: MillraceStack, step: 'pause' | 'resume'): Promise<void> {
  const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
  const answer = await fetch(`${url}/v1/models/device/${step}`, init)
  if (!answer.ok) throw new Error(`${step} was answered with ${answer.status}: ${await answer.text()}`)
}
