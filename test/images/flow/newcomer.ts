/**
 * The way of somebody who has never seen Millrace, in an empty container: a Debian with Node and the packages that
 * `npm run pack` makes, no clone, no Redis, no Python. Called by main.ts.
 */
import { join } from 'node:path'
import { packPackages } from '../../../scripts/pack/pack-packages.ts'
import { ROOT } from '../../stack/dockerfile-and-compose.ts'
import { until } from '../../support/until.ts'
import type { Docker } from '../engine/docker.ts'
import { check, seconds } from '../report.ts'

const CONTAINER = 'millrace-of-the-tests-newcomer'
const READY_MS = 120_000

/** `node` is the image. */
export async function beNewcomer(docker: Docker, node: string, folder: string): Promise<string> {
  const packs = join(folder, 'packs')
  const tarballs = (await packPackages(ROOT, packs)).map(({ path }) => path.replace(packs, '/packs'))
  await docker.succeeds(['rm', '--force', CONTAINER])
  // Not as root: nothing of Millrace needs it.
  await docker.run(['run', '--detach', '--init', '--name', CONTAINER, node, 'sleep', '3600'])
  try {
    await docker.run(['cp', packs, `${CONTAINER}:/packs`])
    return await walk(docker, tarballs)
  } finally {
    await docker.run(['rm', '--force', CONTAINER])
  }
}

async function walk(docker: Docker, tarballs: string[]): Promise<string> {
  const figures: string[] = []
  const sh = (line: string, user = '1000'): Promise<string> =>
    docker.run(['exec', '--user', user, '--env', 'HOME=/home/new', CONTAINER, 'sh', '-c', `cd /home/new && ${line}`])
  const timed = async (what: string, line: string, user?: string): Promise<string> => {
    const begun = performance.now()
    const said = await sh(line, user)
    figures.push(`${what} ${seconds(begun)}`)
    return said
  }
  await docker.run(['exec', CONTAINER, 'install', '-d', '-o', '1000', '-g', '1000', '/home/new'])
  await timed('npm install', `npm init -y && npm install --no-audit --no-fund ${tarballs.join(' ')}`)
  const told = await sh('npx millrace dev 2>&1 || true')
  check(/apt(-get)? install redis-server/.test(told), `without a Redis it says: ${told}`)
  const debian = 'apt-get -qq update && apt-get -qq install -y --no-install-recommends redis-server python3 >/dev/null'
  await timed('Redis and Python of Debian', debian, '0')
  await timed('new, check', 'npx millrace new shout && npx millrace check shout')
  await timed('new, check of Cog', 'npx millrace new echoes --convention cog && npx millrace check echoes')
  const begun = performance.now()
  await sh('(npx millrace dev > dev.log 2>&1 &)')
  const isReady = (): Promise<boolean> => docker.succeeds(['exec', CONTAINER, 'node', '-e', ASK])
  await until('dev is ready', isReady, { timeoutMs: READY_MS, everyMs: 300 }).catch(async (error: unknown) => {
    throw new Error(`${String(error)}\n${await sh('cat dev.log')}`)
  })
  figures.push(`dev ready in ${seconds(begun)}`)
  const answer = await timed('first job', "npx millrace submit shout text='hello you'")
  check(/"words": 2/.test(answer), `the first job says ${answer}`)
  return figures.join(', ')
}

/** Ends with 0 when the server of `millrace dev` is ready. */
const ASK = "fetch('http://127.0.0.1:7070/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"
