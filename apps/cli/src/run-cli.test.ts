import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { EXIT } from './command/exit-codes.ts'
import { FAULTS, type FaultCode } from './command/faults.ts'
import { COMMANDS } from './commands.ts'
import { freePortFrom } from './redis/free-port.ts'

const BIN = fileURLToPath(new URL('../bin/millrace.mjs', import.meta.url))

const exitOf = (fault: FaultCode): number => EXIT[FAULTS[fault].exit]

interface Outcome {
  code: number
  out: string
  err: string
}

const millrace = (args: string[], env: Record<string, string> = {}): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...args], { env: { PATH: process.env.PATH, ...env } }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err })
    })
  })

describe.concurrent('the millrace command', { timeout: 60_000 }, () => {
  it.each([[['help']], [['--help']], [[]]])('lists every command when called as %j', async (args) => {
    const { code, out } = await millrace(args)
    expect(code).toBe(0)
    for (const { name, about } of COMMANDS) expect(out).toMatch(new RegExp(`^ {2}${name} +${about.slice(0, 20)}`, 'm'))
  })

  it('explains one command, asked either way', async () => {
    expect(await millrace(['help', 'demo'])).toMatchObject({ code: 0, out: expect.stringContaining('--exit') })
    expect((await millrace(['demo', '--help'])).out).toBe((await millrace(['help', 'demo'])).out)
  })

  it('prints its version', async () => {
    expect(await millrace(['version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })

  it('names the nearest command for one that does not exist, and exits as the table says', async () => {
    const { code, err, out } = await millrace(['wroker'])
    expect({ code, out }).toEqual({ code: exitOf('usage'), out: '' })
    expect(err).toContain('There is no command "wroker"; did you mean "worker"?')
  })

  it('refuses an unknown option with the usage of its command', async () => {
    const { code, err } = await millrace(['dev', '--prot', '80'])
    expect(code).toBe(exitOf('usage'))
    expect(err).toContain('--prot')
    expect(err).toContain('Usage: millrace dev')
  })

  it('tells which settings do not work, without a stack, and lets an option win over the environment', async () => {
    const { code, err } = await millrace(['dev', '--port', 'x'], { MILLRACE_PORT: '80', MILLRACE_LOCK: '1' })
    expect(code).toBe(exitOf('settings'))
    expect(err).toContain('MILLRACE_PORT: expected a whole number from 0 to 65535, got "x"')
    expect(err).toContain('MILLRACE_LOCK is not a setting')
    expect(err).not.toContain('    at ')
  })

  it.each(['api', 'worker'])('asks for a Redis before it starts %s alone', async (command) => {
    expect(await millrace([command])).toMatchObject({
      code: exitOf('usage'),
      err: expect.stringContaining('needs REDIS_URL'),
    })
  })

  it.each(['dev', 'api', 'demo'])('refuses to open %s to the network without a key', async (command) => {
    const { code, err } = await millrace([command, '--host', '0.0.0.0'], { REDIS_URL: 'redis://127.0.0.1:1' })
    expect(code).toBe(exitOf('settings'))
    expect(err).toContain('set MILLRACE_API_KEY')
  })
})

describe('freePortFrom', () => {
  it('passes over a port that is taken', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const found = await freePortFrom(port, '127.0.0.1')
    expect(found).toBeGreaterThan(port)
    server.close()
  })
})
