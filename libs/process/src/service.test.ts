import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { builtProgram } from '../../../test/support/processes/built-program.ts'
import { until } from '../../../test/support/until.ts'

const PROGRAM = await builtProgram(new URL('./service.fixture.ts', import.meta.url))

describe('runServices in a real process', { timeout: 60_000 }, () => {
  let child: ChildProcess
  let out = ''

  function start(mode: string) {
    out = ''
    child = spawn(process.execPath, [PROGRAM, mode], { stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout?.on('data', (chunk) => {
      out += String(chunk)
    })
  }
  const said = (line: string) => until(line, () => out.includes(line))
  const steps = () => out.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
  const exitCode = async () => (await once(child, 'close'))[0] as number

  afterEach(() => void child.kill('SIGKILL'))

  it.each(['SIGTERM', 'SIGINT'] as const)('stops in reverse order on %s and exits with 0', async (signal) => {
    start('plain')
    await said('up')
    child.kill(signal)
    expect(await exitCode()).toBe(0)
    expect(steps()).toEqual(['start first', 'start second', 'up', 'stop second', 'stop first'])
  })

  it('exits at once on a second signal', async () => {
    start('stuck')
    await said('up')
    child.kill('SIGTERM')
    await said('stop second')
    child.kill('SIGTERM')
    expect(await exitCode()).toBe(143)
    expect(steps()).not.toContain('stop first')
  })

  it('takes the first signal as the first, also when it stops already by another word', async () => {
    start('told')
    await said('stop second')
    child.kill('SIGTERM')
    await said('"signal":"SIGTERM"')
    expect(child.exitCode).toBeNull()
    child.kill('SIGTERM')
    expect(await exitCode()).toBe(143)
  })

  it('stops what was started when a later one cannot start', async () => {
    start('fail')
    expect(await exitCode()).toBe(3)
    expect(steps()).toEqual(['start first', 'stop first', 'failed: cannot start'])
  })

  it('logs a promise that nobody caught, stops in order and exits with 1', async () => {
    start('reject')
    expect(await exitCode()).toBe(1)
    expect(out).toContain('nobody caught me')
    expect(steps().slice(-2)).toEqual(['stop second', 'stop first'])
  })
})
