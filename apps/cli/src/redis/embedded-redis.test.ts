import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { builtProgram } from '../../../../test/support/processes/built-program.ts'
import { isAlive } from '../../../../test/support/processes/is-alive.ts'
import { until } from '../../../../test/support/until.ts'
import { askRedis, type RedisEndpoint } from './ask-redis.ts'

const PROGRAM = await builtProgram(new URL('./embedded-redis.fixture.ts', import.meta.url))

interface Parent {
  child: ChildProcess
  endpoint: RedisEndpoint
}

describe('the embedded Redis', { timeout: 60_000 }, () => {
  let dataDir: string
  const children: ChildProcess[] = []
  const servers = new Set<number>()

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'millrace-embedded-'))
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    for (const pid of servers) await gone(pid)
    servers.clear()
    rmSync(dataDir, { recursive: true, force: true })
  })

  /** Starts a process that holds the server, and resolves with the first thing it prints. */
  async function launch(): Promise<{ child: ChildProcess; said: string }> {
    const child = spawn(process.execPath, [PROGRAM, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    let out = ''
    child.stdout?.on('data', (chunk) => {
      out += String(chunk)
    })
    return { child, said: (await until('a word of the parent', () => /^(.+)\n/.exec(out)?.[1])) as string }
  }

  async function start(): Promise<Parent> {
    const { child, said } = await launch()
    const url = new URL(said.replace(/^up /, ''))
    return { child, endpoint: { port: Number(url.port), password: url.password } }
  }

  async function ask(endpoint: RedisEndpoint, command: string): Promise<string> {
    const answer = await askRedis(endpoint, command)
    if (typeof answer !== 'object') throw new Error(`${command}: ${answer}`)
    return answer.reply
  }

  async function pidOf(endpoint: RedisEndpoint): Promise<number> {
    const pid = Number(/process_id:(\d+)/.exec(await ask(endpoint, 'INFO server'))?.[1])
    servers.add(pid)
    return pid
  }

  const gone = (pid: number) => until(`process ${pid} is gone`, () => !isAlive(pid), { timeoutMs: 15_000 })

  async function killed(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    const closed = once(child, 'exit')
    child.kill(signal)
    await closed
  }

  /** The id of the process between Millrace and the server. */
  async function watchdogOf(pid: number): Promise<number> {
    const { stdout } = spawn('ps', ['-o', 'ppid=', '-p', String(pid)])
    return Number(String((await once(stdout, 'data'))[0]))
  }

  it('dies with its parent, even when that is killed, and the next start has all the data', async () => {
    const first = await start()
    const pid = await pidOf(first.endpoint)
    for (let n = 0; n < 100; n++) expect(await ask(first.endpoint, `SET key:${n} ${n}`)).toBe('+OK')
    await killed(first.child, 'SIGKILL')
    await gone(pid)

    const second = await start()
    await pidOf(second.endpoint)
    expect(await ask(second.endpoint, 'DBSIZE')).toBe(':100')
  })

  it('keeps what was accepted when parent, watchdog and server are all killed at once', async () => {
    const first = await start()
    const pid = await pidOf(first.endpoint)
    const watchdog = await watchdogOf(pid)
    expect(await ask(first.endpoint, 'SET kept yes')).toBe('+OK')
    for (const victim of [watchdog, first.child.pid as number, pid]) process.kill(victim, 'SIGKILL')
    await gone(pid)

    const second = await start()
    await pidOf(second.endpoint)
    expect(await ask(second.endpoint, 'GET kept')).toBe('yes')
  })

  it('ends a server that was left behind before it starts another on the same data', async () => {
    const first = await start()
    const orphan = await pidOf(first.endpoint)
    expect(await ask(first.endpoint, 'SET kept yes')).toBe('+OK')
    // The parent is frozen first, so that it can't notice the loss of the watchdog and repair it.
    first.child.kill('SIGSTOP')
    process.kill(await watchdogOf(orphan), 'SIGKILL')
    await killed(first.child, 'SIGKILL')
    expect(isAlive(orphan)).toBe(true)
    const second = await start()
    expect(isAlive(orphan)).toBe(false)
    expect(await pidOf(second.endpoint)).not.toBe(orphan)
    expect(await ask(second.endpoint, 'GET kept')).toBe('yes')
  })

  it('comes back at the same address when it alone is killed', async () => {
    const { endpoint } = await start()
    const pid = await pidOf(endpoint)
    expect(await ask(endpoint, 'SET kept yes')).toBe('+OK')
    process.kill(pid, 'SIGKILL')
    await gone(pid)
    await until('it answers again', async () => typeof (await askRedis(endpoint, 'PING')) === 'object')
    expect(await ask(endpoint, 'GET kept')).toBe('yes')
    expect(await pidOf(endpoint)).not.toBe(pid)
  })

  it('refuses a folder that another Millrace uses, and leaves that one alone', async () => {
    const first = await start()
    await pidOf(first.endpoint)
    expect((await launch()).said).toBe('failed FolderInUseError')
    expect(await ask(first.endpoint, 'PING')).toBe('+PONG')
  })

  it('lets one of several that start at once have the folder', async () => {
    const said = (await Promise.all([launch(), launch(), launch()])).map((parent) => parent.said.split(' ')[0])
    expect(said.filter((word) => word === 'up')).toHaveLength(1)
    expect(said.filter((word) => word === 'failed')).toHaveLength(2)
  })

  it('drops a last entry that was cut by a crash and keeps the rest', async () => {
    const first = await start()
    const pid = await pidOf(first.endpoint)
    expect(await ask(first.endpoint, 'SET kept yes')).toBe('+OK')
    await killed(first.child, 'SIGKILL')
    await gone(pid)
    const folder = join(dataDir, 'redis', 'appendonlydir')
    const log = readdirSync(folder).find((name) => name.endsWith('.incr.aof')) as string
    appendFileSync(join(folder, log), '*3\r\n$3\r\nSET\r\n$4\r\nlost\r\n$10\r\nhal')

    const second = await start()
    await pidOf(second.endpoint)
    expect([await ask(second.endpoint, 'GET kept'), await ask(second.endpoint, 'EXISTS lost')]).toEqual(['yes', ':0'])
  })

  it('is ended by a stop, and its folder is free again', async () => {
    const first = await start()
    const pid = await pidOf(first.endpoint)
    await killed(first.child, 'SIGTERM')
    expect(isAlive(pid)).toBe(false)
    await pidOf((await start()).endpoint)
  })

  it('keeps its data and its password from other users, and answers nobody without it', async () => {
    const { endpoint } = await start()
    await pidOf(endpoint)
    expect(statSync(join(dataDir, 'redis')).mode & 0o077).toBe(0)
    expect(statSync(join(dataDir, 'redis', 'server.json')).mode & 0o077).toBe(0)
    expect(await askRedis({ ...endpoint, password: 'abc' }, 'PING')).toBe('stranger')
  })

  it('leaves a login on the disk that can end the server and read nothing', async () => {
    const { endpoint } = await start()
    await pidOf(endpoint)
    const text = readFileSync(join(dataDir, 'redis', 'server.json'), 'utf8')
    expect(text).not.toContain(endpoint.password)
    const ender = JSON.parse(text) as RedisEndpoint
    expect(await ask(ender, 'PING')).toBe('+PONG')
    for (const command of ['KEYS *', 'CONFIG GET requirepass', 'ACL LIST', 'MONITOR']) {
      expect(await ask(ender, command)).toMatch(/^-NOPERM/)
    }
  })
})
