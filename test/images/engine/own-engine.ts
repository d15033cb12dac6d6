/**
 * A container engine in a folder: programs of Debian's packages, unpacked and not installed, and a daemon that listens on a
 * socket in there. When it ends, what it did to the network of the machine is undone. Called by find-engine.ts.
 */
import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '@millrace/process'
import { until } from '../../support/until.ts'
import { debianRelease, NEWER, unpackDebian } from '../../support/packages/debian-packages.ts'
import { Docker } from './docker.ts'
import type { Engine } from './engine.ts'
import { rememberNetwork } from './network-rules.ts'

/** Those that are programs of Go run on the release before theirs; runc and what asks the kernel must be of this machine. */
const OF_NEWER = ['docker.io', 'docker-cli', 'containerd', 'docker-compose', 'docker-buildx']
const OF_MACHINE = ['runc', 'iptables', 'libxtables12', 'libip4tc2', 'libip6tc2', 'libmnl0', 'libnftnl11']
const LIBRARIES = ['libnetfilter-conntrack3', 'libnfnetlink0', 'tini', 'debootstrap']
const START_MS = 60_000
const STOP_MS = 60_000

/** Undefined when an engine can be had by this recipe. */
export function whyNotOwn(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux can start one'
  const release = debianRelease()
  if (release !== 'bookworm' && release !== NEWER) return 'the recipe for one knows Debian 12 and 13 alone'
  const missing = ['apt-get', 'dpkg-deb', 'npm', 'python3'].find((name) => !findProgram([name], process.env.PATH))
  return missing === undefined ? undefined : `there is no ${missing}`
}

export interface OwnEngineOptions {
  folder: string | undefined
  say(line: string): void
}

export async function startOwnEngine({ folder: given, say }: OwnEngineOptions): Promise<Engine> {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'millrace-engine-'))
  const programs = join(folder, 'programs')
  if (!existsSync(join(programs, 'usr/sbin/iptables'))) getPrograms(programs, say)
  const env = engineEnv(folder, programs)
  const docker = new Docker(join(programs, 'usr/bin/docker'), env)
  const network = rememberNetwork(env)
  const log = openSync(join(folder, 'dockerd.log'), 'a')
  const places = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')]
  const daemon = spawn(
    join(programs, 'usr/sbin/dockerd'),
    [...places, '--pidfile', join(folder, 'pid'), '-H', env.DOCKER_HOST],
    // Of its own group: Ctrl-C ends this suite, which then ends the daemon when its containers are gone.
    { env, stdio: ['ignore', log, log], detached: true },
  )
  closeSync(log)
  const gone = new Promise<void>((resolve) => daemon.once('exit', () => resolve()))
  const end = async (): Promise<void> => {
    daemon.kill('SIGTERM')
    const timer = setTimeout(() => daemon.kill('SIGKILL'), STOP_MS)
    await gone
    clearTimeout(timer)
    network.restore()
    if (given === undefined) rmSync(folder, { recursive: true, force: true })
  }
  const version = await until('the engine answers', () => docker.engineVersion(), {
    timeoutMs: START_MS,
    everyMs: 250,
  }).catch(async (error: unknown) => {
    await end()
    throw error
  })
  const compose = await docker.run(['compose', 'version', '--short'])
  return { docker, programs, name: `Docker ${version}, Compose ${compose}, started for this run`, end }
}

function getPrograms(programs: string, say: (line: string) => void): void {
  say('Getting a container engine from the packages of Debian …')
  mkdirSync(programs, { recursive: true })
  const release = debianRelease() ?? ''
  const of = (names: string[], from: string): string[] => names.map((name) => `${name}/${from}`)
  unpackDebian(programs, [...of(OF_NEWER, NEWER), ...of([...OF_MACHINE, ...LIBRARIES], release)])
  // Debian makes these links when the package is installed.
  for (const name of ['iptables', 'ip6tables']) symlinkSync('xtables-nft-multi', join(programs, 'usr/sbin', name))
}

function engineEnv(folder: string, programs: string): NodeJS.ProcessEnv & { DOCKER_HOST: string } {
  const libraries = join(programs, 'usr/lib', process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu')
  const paths = ['usr/sbin', 'usr/bin', 'usr/libexec/docker', 'sbin'].map((path) => join(programs, path))
  const config = join(folder, 'config')
  mkdirSync(config, { recursive: true })
  const plugins = { cliPluginsExtraDirs: [join(programs, 'usr/libexec/docker/cli-plugins')] }
  writeFileSync(join(config, 'config.json'), JSON.stringify(plugins))
  return {
    PATH: [...paths, process.env.PATH].join(':'),
    HOME: folder,
    LD_LIBRARY_PATH: libraries,
    XTABLES_LIBDIR: join(libraries, 'xtables'),
    DOCKER_CONFIG: config,
    DOCKER_HOST: `unix://${join(folder, 'docker.sock')}`,
  }
}
