import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { startRedis } from './redis-server.ts'

function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(`${command}\r\n`))
    socket.once('data', (data) => {
      socket.destroy()
      resolve(String(data).trim())
    })
    socket.once('error', reject)
  })
}

it('a test Redis keeps its data through a kill and a restart on the same port', async () => {
  const redis = await startRedis()
  try {
    expect(await ask(redis.port, 'SET kept 1')).toBe('+OK')
    const { pid } = redis
    await redis.kill('SIGKILL')
    await expect(ask(redis.port, 'PING')).rejects.toThrow('ECONNREFUSED')
    await redis.restart()
    expect(redis.pid).not.toBe(pid)
    expect(await ask(redis.port, 'EXISTS kept')).toBe(':1')
  } finally {
    await redis.stop()
  }
  expect(existsSync(redis.dir)).toBe(false)
})
