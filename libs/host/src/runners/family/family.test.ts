import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { isAlive } from '../../../../../test/support/processes/is-alive.ts'
import { until } from '../../../../../test/support/until.ts'

const HOST = fileURLToPath(new URL('family.fixture.ts', import.meta.url))
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

/** A host whose runner has left two processes. */
async function aFamily(...args: string[]) {
  const host = spawn(process.execPath, ['--import', TSX, HOST, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void host.kill('SIGKILL'))
  let said = ''
  host.stdout.on('data', (chunk: Buffer) => void (said += chunk))
  const line = await until('the model is loaded', () => /^(\d+ \d+ \d+)\n/.exec(said)?.[1], { timeoutMs: 20_000 })
  return { host, pids: line.split(' ').map(Number) }
}

test('what a runner has left ends with a worker that is killed, wherever it went', async () => {
  const { host, pids } = await aFamily()
  expect(pids.map(isAlive)).toEqual([true, true, true])
  host.kill('SIGKILL')
  await until('all are gone', () => !pids.some(isAlive), { timeoutMs: 5000 })
})

test('and with its runner, without keeping the worker', async () => {
  const { host, pids } = await aFamily('stop')
  await until('the worker has ended by itself', () => host.exitCode === 0)
  expect(pids.map(isAlive)).toEqual([false, false, false])
})
