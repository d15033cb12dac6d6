import { onTestFinished, expect, it } from 'vitest'
import { isAlive } from '../../../../test/support/processes/is-alive.ts'
import { until } from '../../../../test/support/until.ts'
import { RunnerProcess } from './runner-process.ts'

/** A runner without a model: it says ready, becomes unhealthy on SIGUSR1 and healthy on SIGUSR2, and never answers a run. */
const SCRIPT = `
  const { writeSync, createReadStream } = require('node:fs')
  const say = (message) => writeSync(4, JSON.stringify(message) + '\\n')
  const manifest = { name: 'm', version: '1', input_schema: {}, output_schema: {}, concurrency: 2 }
  process.on('SIGUSR1', () => say({ type: 'heartbeat', healthy: false, message: 'no device' }))
  process.on('SIGUSR2', () => say({ type: 'heartbeat', healthy: true }))
  let last
  createReadStream(null, { fd: 3 }).on('data', (chunk) => {
    const message = JSON.parse(String(chunk))
    if (message.type === 'run') say({ type: 'progress', id: message.id, fraction: 0 })
    if (message.type === 'run') last = message.id
    if (message.type === 'cancel') say({ type: 'canceled', id: message.id })
  })
  process.on('SIGHUP', () => say({ type: 'done', id: last, output: 1, files: [] }))
  say({ type: 'ready', protocol: 1, manifest })
`

async function startRunner() {
  const beats: unknown[] = []
  const warn = (fields: Record<string, unknown>) => void (fields.beats && beats.push(fields.beats))
  const runner = new RunnerProcess({
    label: 'm@cpu',
    command: { command: process.execPath, args: ['-e', SCRIPT], env: {} },
    logger: { debug: () => {}, info: () => undefined, warn, error: () => undefined },
    timings: { termMs: 50, restartMinMs: 1, restartMaxMs: 1 },
  })
  onTestFinished(() => runner.stop(200))
  await runner.start()
  const pid = runner.pid as number
  /** Makes the process report that it is unhealthy, and waits until that was heard. */
  const sayUnhealthy = async () => {
    const before = beats.length
    process.kill(pid, 'SIGUSR1')
    await until('the beat was heard', () => beats.length > before)
  }
  return { runner, pid, beats, sayUnhealthy }
}

it('takes no run while it says that it is not healthy, and takes runs again once it says otherwise', async () => {
  const { runner, pid, beats, sayUnhealthy } = await startRunner()
  await sayUnhealthy()
  await sayUnhealthy()
  expect(runner.ready).toBe(false)
  process.kill(pid, 'SIGUSR2')
  await runner.whenReady()
  expect(runner.pid).toBe(pid)
  await sayUnhealthy()
  expect(beats).toEqual([1, 2, 1])
})

it('is replaced when it says so three times in a row', async () => {
  const { runner, pid, sayUnhealthy } = await startRunner()
  for (let beat = 0; beat < 3; beat++) await sayUnhealthy()
  await until('the unhealthy process is gone', () => !isAlive(pid))
  await runner.whenReady()
  expect(runner.pid).not.toBe(pid)
})

it('lets its runs end before it is replaced for its health', async () => {
  const { runner, pid, sayUnhealthy } = await startRunner()
  let begun = false
  const outcome = runner.run({
    ...{ id: 'r', kind: 'prediction', input: {}, files: [], workDir: '/', timeoutSeconds: 60 },
    signal: new AbortController().signal,
    onProgress: () => (begun = true),
    onLog: () => undefined,
    onOutput: () => undefined,
  })
  await until('the run is under way', () => begun)
  for (let beat = 0; beat < 3; beat++) await sayUnhealthy()
  expect(isAlive(pid)).toBe(true)
  process.kill(pid, 'SIGHUP')
  expect(await outcome).toMatchObject({ kind: 'done', output: 1 })
  await until('the unhealthy process is gone', () => !isAlive(pid))
})

it('logs why a model cannot be set up, with the lines of its code', async () => {
  const failure = { type: 'setup_failed', message: 'no weights', traceback: 'File "predict.py", line 3' }
  const script = `require('node:fs').writeSync(4, ${JSON.stringify(`${JSON.stringify(failure)}\n`)})`
  const errors: object[] = []
  const runner = new RunnerProcess({
    label: 'm@cpu',
    command: { command: process.execPath, args: ['-e', script], env: {} },
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: (fields) => void errors.push(fields) },
    timings: { termMs: 50, restartMinMs: 1000, restartMaxMs: 1000 },
  })
  onTestFinished(() => runner.stop(200))
  runner.start().catch(() => undefined)
  await until('it is logged', () => errors.length > 0)
  expect(errors[0]).toMatchObject({ detail: 'no weights', traceback: 'File "predict.py", line 3' })
})
