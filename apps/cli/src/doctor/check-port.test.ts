import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { checkPort } from './check-port.ts'

async function listening(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test('a port that Millrace itself listens on is fine, also while it is not ready', async () => {
  const port = await listening((_, response) => response.writeHead(503).end('{"status":"unready","reasons":["x"]}'))
  expect(await checkPort({ host: '127.0.0.1', port })).toMatchObject({
    status: 'ok',
    message: expect.stringContaining('already listens'),
  })
})

test('a port that another program listens on is not', async () => {
  const port = await listening((_, response) => response.end('{"status":"fine"}'))
  expect(await checkPort({ host: '127.0.0.1', port })).toMatchObject({ status: 'fail' })
})
