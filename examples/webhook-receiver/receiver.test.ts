import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Webhook } from 'standardwebhooks'
import { afterEach, expect, it } from 'vitest'
import { until } from '../../test/support/until.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

let receiver: ChildProcess | undefined

afterEach(async () => {
  if (receiver === undefined || receiver.exitCode !== null) return
  const exit = once(receiver, 'exit')
  receiver.kill()
  await exit
})

it('takes a signed webhook once and refuses a forged one', async () => {
  let output = ''
  receiver = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('main.ts', import.meta.url))], {
    env: { ...process.env, WEBHOOK_SECRET: SECRET, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  receiver.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const url = await until('it listens', () => /http:\S+/.exec(output)?.[0], { timeoutMs: 20_000 })

  const post = async (id: string, signedWith: string, jobId: string) => {
    const data = { id: jobId, urls: { output: `https://ml.example.com/v1/jobs/${jobId}/output` } }
    const body = JSON.stringify({ type: 'job.succeeded', timestamp: new Date().toISOString(), data })
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      'webhook-signature': new Webhook(signedWith).sign(id, new Date(), body),
    }
    const answer = await fetch(url, { method: 'POST', headers, body })
    return [answer.status, await answer.text()]
  }

  expect(await post('evt_1', SECRET, 'job_1')).toEqual([204, ''])
  expect(await post('evt_1', SECRET, 'job_1')).toEqual([204, ''])
  const forged = `whsec_${Buffer.alloc(32, 8).toString('base64')}`
  expect(await post('evt_2', forged, 'job_forged')).toEqual([400, '{"error":"no_match"}'])
  expect(await post('evt_3', SECRET, 'job_3')).toEqual([204, ''])
  await until('the last one is told', () => output.includes('job_3'))
  expect(output.match(/job_\w+ is done/g)).toEqual(['job_1 is done', 'job_3 is done'])
})
