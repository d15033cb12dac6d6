import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { installPlans, installStamp, isAtLeast, manualAdvice, serverVersion } from './setup.mjs'

describe('versions', () => {
  it('are compared by number, not by letter', () => {
    expect(isAtLeast('20.19.0', '20.19.0')).toBe(true)
    expect(isAtLeast('v22.1.0', '20.19.0')).toBe(true)
    expect(isAtLeast('20.9.0', '20.19.0')).toBe(false)
    expect(isAtLeast('18.20.5', '20.19.0')).toBe(false)
    expect(isAtLeast('7', '6.2.0')).toBe(true)
  })

  it('of both servers are read from what they print', () => {
    expect(serverVersion('Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64')).toBe('7.0.15')
    expect(serverVersion('Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64')).toBe('8.1.1')
    expect(serverVersion('command not found')).toBeUndefined()
  })
})

describe('the stamp of an installation', () => {
  it('changes with the lockfile and with the kind of machine', () => {
    const stamp = installStamp('a', 'linux-x64')
    expect(installStamp('a', 'linux-x64')).toBe(stamp)
    expect(installStamp('b', 'linux-x64')).not.toBe(stamp)
    expect(installStamp('a', 'darwin-arm64')).not.toBe(stamp)
  })
})

describe('the plans to install a Redis server', () => {
  const only = (name) => ({ has: (program) => program === name })

  it('use each system in its own way', () => {
    const last = (machine) => installPlans(machine)[0].at(-1).join(' ')
    expect(last({ ...only('apt-get'), isRoot: true })).toMatch(/^env RUNLEVEL=1 .*apt-get .*install .*redis-server$/)
    expect(last({ ...only('dnf'), isRoot: true })).toBe('dnf install -y -q redis')
    expect(last({ ...only('apk'), isRoot: true })).toBe('apk add -q redis')
    expect(last({ ...only('brew'), isRoot: false })).toBe('brew install -q redis')
  })

  it('update the package lists of apt first, and try valkey when there is no redis', () => {
    const plans = installPlans({ ...only('apt-get'), isRoot: true })
    expect(plans[0][0].at(-1)).toBe('update')
    expect(plans[1].at(-1).at(-1)).toBe('valkey-server')
  })

  it('go through sudo only when it asks nothing, and never ask', () => {
    const steps = installPlans({ ...only('apt-get'), isRoot: false, hasSudo: true }).flat()
    expect(steps.every((step) => step[0] === 'sudo' && step[1] === '-n')).toBe(true)
    expect(installPlans({ ...only('apt-get'), isRoot: false, hasSudo: false })).toEqual([])
    expect(installPlans({ ...only('zypper'), isRoot: true })).toEqual([])
    expect(installPlans({ ...only('brew'), isRoot: true })).toEqual([])
  })

  it('are replaced by exact advice when there is none', () => {
    const advice = manualAdvice(only('apt-get'), 'none was found')
    expect(advice).toContain('sudo apt-get install redis-server')
    expect(advice).toContain('export REDIS_URL=')
  })
})

// The real script in a copy of its own. Its programs only note that they were called.
describe('setup.mjs', { timeout: 60_000 }, () => {
  let root
  let bin
  const log = () => (existsSync(join(root, 'log')) ? readFileSync(join(root, 'log'), 'utf8') : '')

  function program(name, script) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }

  const run = (env = {}) =>
    spawnSync(process.execPath, [join(root, 'scripts', 'setup.mjs')], {
      encoding: 'utf8',
      env: { PATH: `${bin}:/usr/bin:/bin`, REDIS_URL: 'redis://elsewhere:6379', ...env },
    })

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'millrace-setup-'))
    bin = join(root, 'bin')
    mkdirSync(bin)
    mkdirSync(join(root, 'scripts'))
    cpSync(fileURLToPath(new URL('./setup.mjs', import.meta.url)), join(root, 'scripts', 'setup.mjs'))
    writeFileSync(join(root, 'package-lock.json'), '{}')
    program('npm', `echo "npm $*" >> "${root}/log"; mkdir -p "${root}/node_modules"`)
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  it('installs packages once, and again only when the lockfile has changed', () => {
    expect(run()).toMatchObject({ status: 0, stdout: `Installing packages of ${basename(root)} (npm ci) …\n` })
    expect(run()).toMatchObject({ status: 0, stdout: '' })
    expect(log()).toBe('npm ci\n')
    writeFileSync(join(root, 'package-lock.json'), '{"changed":true}')
    expect(run().status).toBe(0)
    expect(log()).toBe('npm ci\nnpm ci\n')
  })

  it('shows what npm said when it fails, and tries again next time', () => {
    program('npm', 'echo "no space left"; exit 1')
    const failed = run()
    expect(failed.status).toBe(1)
    expect(failed.stderr).toContain('no space left')
    program('npm', `mkdir -p "${root}/node_modules"`)
    expect(run().status).toBe(0)
  })

  it('refuses a server that is too old and goes on to one that is not', () => {
    program('redis-server', 'echo "Redis server v=5.0.7 sha=0"')
    program('valkey-server', 'echo "Valkey server v=8.0.0 sha=0"')
    expect(run({ REDIS_URL: '' })).toMatchObject({ status: 0 })
  })

  it('installs the package of the system, saying so in one line', () => {
    // These servers come first on PATH and are too old, so the package is needed on any machine.
    for (const name of ['redis-server', 'valkey-server']) program(name, 'echo "Redis server v=2.8.0 sha=0"')
    program('sudo', 'shift; [ "$1" = true ] || exec "$@"')
    program('systemctl', 'exit 0')
    program(
      'apt-get',
      `echo "apt-get $* RUNLEVEL=$RUNLEVEL" >> "${root}/log"
       case "$*" in *install*) printf '#!/bin/sh\\necho "Redis server v=7.2.0 sha=0"\\n' > "${bin}/redis-server";; esac`,
    )
    const done = run({ REDIS_URL: '' })
    expect(done).toMatchObject({ status: 0, stderr: '' })
    expect(done.stdout.match(/^Installing a Redis server: .*redis-server$/gm)).toHaveLength(1)
    expect(log()).toMatch(/apt-get -qq update RUNLEVEL=1\napt-get -qq install .* RUNLEVEL=1\n$/)
  })

  it('says what to do and exits with 1 when the package cannot be installed', () => {
    for (const name of ['redis-server', 'valkey-server']) program(name, 'echo "Redis server v=2.8.0 sha=0"')
    program('sudo', 'shift; [ "$1" = true ] || exec "$@"')
    program('systemctl', 'exit 0')
    program('apt-get', 'echo "no network"; exit 100')
    const failed = run({ REDIS_URL: '' })
    expect(failed.status).toBe(1)
    expect(failed.stderr).toContain('no network')
    expect(failed.stderr).toContain('sudo apt-get install redis-server')
  })

  describe('with the packages of Python tests', () => {
    const runWithModels = () =>
      spawnSync(process.execPath, [join(root, 'scripts', 'setup.mjs'), '--models'], {
        encoding: 'utf8',
        env: { PATH: `${bin}:/usr/bin:/bin`, REDIS_URL: 'redis://elsewhere:6379' },
      })
    const requirements = () => join(root, 'test', 'python', 'requirements.txt')
    /** A Python that makes environments. The python inside them is `pip`. */
    const python3 = (pip) =>
      program(
        'python3',
        `case "$*" in *-m\\ venv*) for home; do :; done; rm -rf "$home"; mkdir -p "$home/bin"
         printf '#!/bin/sh\\n${pip}\\n' > "$home/bin/python"; chmod +x "$home/bin/python"; echo venv >> "${root}/log";; esac`,
      )
    const made = () =>
      log()
        .split('\n')
        .filter((line) => line === 'venv').length

    beforeEach(() => {
      mkdirSync(join(root, 'models'))
      mkdirSync(join(root, 'test', 'python'), { recursive: true })
      writeFileSync(requirements(), 'a==1\n')
    })

    it('makes their environment once, and again when it needs others or its Python is gone', () => {
      python3('exit 0')
      expect(runWithModels().stdout).toContain('Installing the Python packages of the tests')
      expect(runWithModels()).toMatchObject({ status: 0, stdout: '' })
      expect(made()).toBe(1)
      writeFileSync(requirements(), 'a==2\n')
      runWithModels()
      expect(made()).toBe(2)
      rmSync(join(root, 'test', 'python', '.venv', 'bin', 'python'))
      runWithModels()
      expect(made()).toBe(3)
    })

    it('says that their tests will be skipped when the packages cannot be had, goes on, and tries again', () => {
      python3('echo "no index" >&2; exit 1')
      const failed = runWithModels()
      expect(failed).toMatchObject({ status: 0, stderr: '' })
      expect(failed.stdout).toMatch(/^The tests of Python models will be skipped: .* cannot be installed:\nno index$/m)
      expect(existsSync(join(root, 'test', 'python', '.venv'))).toBe(false)
      python3('exit 0')
      expect(runWithModels().stdout).not.toContain('skipped')
    })

    it('says so when there is no Python that is new enough', () => {
      program('python3', 'exit 1')
      expect(runWithModels()).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('will be skipped: there is no python3, 3.9 or newer, with venv and pip'),
      })
    })
  })
})
