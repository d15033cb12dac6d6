import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startHealthServer } from './health-server.ts'

test('each connection gets one answer, however many it asks for at once', async () => {
  let rendered = 0
  const render = async () => {
    rendered++
    return `# ${'x'.repeat(100_000)}\n`
  }
  const server = await startHealthServer(0, { metrics: { render, contentType: 'text/plain' }, reasons: () => [] })
  onTestFinished(() => server.close())
  const ask = (times: number) =>
    new Promise<string>((resolve) => {
      let text = ''
      const socket = connect(server.port, '127.0.0.1')
      socket.write('GET /metrics HTTP/1.1\r\nhost: worker\r\n\r\n'.repeat(times))
      socket.on('data', (chunk) => (text += chunk)).on('close', () => resolve(text))
      socket.on('error', () => undefined)
    })
  for (const text of await Promise.all([ask(1), ask(500)])) {
    expect(text).toMatch(/^HTTP\/1.1 200 [\s\S]*\r\nconnection: close\r\n/i)
    expect(text.split('HTTP/1.1 200')).toHaveLength(2)
  }
  expect(rendered).toBeLessThanOrEqual(2)
  expect((await fetch(`http://127.0.0.1:${server.port}/readyz`)).status).toBe(200)
})
