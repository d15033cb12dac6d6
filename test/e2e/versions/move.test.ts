import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createClient } from '@millrace/client'
import { expect, it, onTestFinished } from 'vitest'
import { startStack } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

/** The last worker of a version is gone, and an operator has another version run what waits for it. */

const MODELS = fileURLToPath(new URL('models/', import.meta.url))
const CLI = fileURLToPath(new URL('../../../apps/cli/bin/millrace.mjs', import.meta.url))

it('has another version run the jobs of one that is gone, and keeps back what that one does not take', async () => {
  const stack = await startStack({ workers: 0 })
  onTestFinished(() => stack.stop())
  const url = await stack.api.url()
  const client = createClient({ url })
  const served = (version: string) =>
    until(`${version} is served`, async () => {
      const list = await client.versions.list('versioned').catch(() => undefined)
      return list?.data.some((one) => one.version === version && one.workers > 0)
    })
  const first = stack.startWorker({ MILLRACE_MODELS: `${MODELS}first` })
  await served('1.0.0')
  await first.kill('SIGTERM')
  await first.gone
  const left = await client.submit('versioned', { a: 'y' }, { version: '1.0.0' })
  stack.startWorker({ MILLRACE_MODELS: `${MODELS}second` })
  await served('2.0.0')

  const run = async (...more: string[]) => {
    const args = [CLI, 'move', 'versioned', '--from', '1.0.0', '--to', '2.0.0', '--url', url, ...more]
    return (await promisify(execFile)(process.execPath, args)).stdout
  }
  expect(await run('--dry-run')).toBe(
    `0 would be moved, 1 does not fit.\n  ${left.id}  /input/a must NOT have additional properties\n`,
  )
  expect(await client.get(left.id)).toMatchObject({ status: 'queued', version: '1.0.0' })

  const third = stack.startWorker({ MILLRACE_MODELS: `${MODELS}third` })
  await served('3.0.0')
  const begun = await client.versions.move('versioned', { from: { version: '1.0.0' }, to: '3.0.0' })
  await until('it is done', async () => (await client.versions.readMove('versioned', begun.id)).status === 'done')
  expect(await client.versions.readMove('versioned', begun.id)).toMatchObject({ moved: 1, unfit: 0, misfits: [] })
  expect(await client.wait(left.id)).toMatchObject({ status: 'succeeded', version: '3.0.0', output: '3.0.0 y z' })
  await third.kill('SIGTERM')
}, 90_000)
