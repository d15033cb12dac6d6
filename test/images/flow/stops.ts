/** What becomes of jobs when parts are stopped, and of data when all of it goes down. Called by main.ts. */
import { until } from '../../support/until.ts'
import { check, seconds } from '../report.ts'
import { type ComposeStack, DRAIN_SECONDS } from '../stack/compose-stack.ts'
import { download, type KnownFile, sha256Of } from './product.ts'

const IDLE_STOP_MS = 10_000
const STARTED_MS = 60_000

/** A job shorter than the drain ends; a longer one goes back to the line without blame, and both workers go in time. */
export async function drainWorker(stack: ComposeStack): Promise<string> {
  const { client } = stack
  const stop = async (delay: number) => {
    await stack.up(['--scale', 'worker=1', 'worker'])
    const { id } = await client.submit('echo', { message: 'drain', delay_seconds: delay })
    const running = async () => (await client.get(id)).status === 'running' && (await client.get(id)).attempt === 1
    await until('the job runs', running, { timeoutMs: STARTED_MS, everyMs: 100 })
    const container = await stack.container('worker')
    const begun = performance.now()
    await stack.docker.run(['stop', container])
    const took = seconds(begun)
    const exit = await stack.inspect(container, '{{.State.ExitCode}}')
    check(exit === '0', `the worker ended with ${exit}`)
    return { id, took, job: await client.get(id) }
  }
  const short = await stop(DRAIN_SECONDS / 2)
  check(short.job.status === 'succeeded' && short.job.attempt === 1, `the short job is ${short.job.status}`)
  const long = await stop(DRAIN_SECONDS * 20)
  check(long.job.status === 'queued', `the long job is ${long.job.status}`)
  await client.cancel(long.id)
  return `a job of ${DRAIN_SECONDS / 2} s ended (stop in ${short.took}), one of ${DRAIN_SECONDS * 20} s went back to the line (${long.took}); exit 0`
}

/** A worker with nothing in hand goes at once, though Redis is away. */
export async function stopWithoutRedis(stack: ComposeStack): Promise<string> {
  await stack.up(['worker'])
  const [redis, worker] = [await stack.container('redis'), await stack.container('worker')]
  await stack.docker.run(['stop', redis])
  const begun = performance.now()
  await stack.docker.run(['stop', worker])
  const took = performance.now() - begun
  check(took < IDLE_STOP_MS, `the idle worker took ${seconds(begun)}`)
  await stack.docker.run(['start', redis])
  await stack.up(['worker'])
  return `an idle worker stops in ${(took / 1000).toFixed(1)} s while Redis is away`
}

/** `down` and `up`: jobs, their files, and what models have downloaded are there. */
export async function downAndUp(stack: ComposeStack, file: KnownFile): Promise<string> {
  await stack.exec(
    'worker',
    'sh',
    '-c',
    'mkdir -p ~/.cache/huggingface && echo weights > ~/.cache/huggingface/weights.bin',
  )
  await stack.compose(['down'])
  const begun = performance.now()
  await stack.up()
  const took = seconds(begun)
  const job = await stack.client.get(file.job)
  check(job.status === 'succeeded', `the job is ${job.status}`)
  check(sha256Of(await download(stack, file.id)) === file.sha256, 'the file of the job has other bytes')
  const weights = await stack.exec('worker', 'sh', '-c', 'cat ~/.cache/huggingface/weights.bin')
  check(weights === 'weights', 'the downloads of models are gone')
  await stack.client.run('echo', { message: 'again' }, { waitSeconds: 60 })
  return `job, its file and the cache of models are kept; up again in ${took}`
}
