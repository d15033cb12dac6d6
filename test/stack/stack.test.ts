/**
 * The stack of docker-compose.yml and the Dockerfile as plain processes: the same command lines, settings and rights, on
 * a real Redis and an S3 server. What they say and what the code takes cannot drift apart.
 */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { FileView } from '@millrace/contracts'
import { findProgram, REDIS_SERVERS } from '@millrace/process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ApiClient } from '../support/api-client.ts'
import { freePort } from '../support/servers/redis-server.ts'
import { type S3Server, startS3Server } from '../support/servers/s3-server.ts'
import { until } from '../support/until.ts'
import type { HouseCopy } from '../support/processes/copy-house.ts'
import { copyApp, runOwnSteps } from './copy-app.ts'
import { lockTree, stateOfTree, unlockTree } from './lock-tree.ts'
import { type Container, imageUser, type Place, startContainer } from './container.ts'
import { secondsOf } from './read-compose.ts'
import { extendImage, type Image, imageOf, parseDockerfile } from './read-dockerfile.ts'
import { compose, dockerfile, ROOT } from './dockerfile-and-compose.ts'

const KEY = 'a-key-for-the-stack'
const file = dockerfile()
const stack = compose({ MILLRACE_API_KEY: KEY })
const server = imageOf(file, 'server')
const nodeWorker = imageOf(file, 'worker')
const pythonWorker = imageOf(file, 'worker-python')
/** The three lines of docs/deploy.md, and those for a model with packages. */
const [modelStage, packagesStage] = dockerfilesIn(readFileSync(`${ROOT}/docs/deploy.md`, 'utf8')).flatMap(
  (text) => parseDockerfile(text).stages,
)

let s3: S3Server
let redis: Awaited<ReturnType<typeof startRedisOfStack>>
let house: HouseCopy
let data: string
let author: string
let packages: string
let before: string[]
const running: Container[] = []

beforeAll(async () => {
  ;[s3, redis] = await Promise.all([startS3Server(), startRedisOfStack()])
  house = copyApp([server, nodeWorker, pythonWorker])
  for (const name of ['build', 'worker']) {
    const steps = runOwnSteps(
      house,
      file.stages.find((stage) => stage.name === name),
    )
    if (steps === 0) throw new Error(`stage ${name} translates nothing`)
  }
  await buildModelImage()
  lockTree(house.root)
  before = stateOfTree(house.root)
  data = mkdtempSync(join(tmpdir(), 'millrace-data-'))
  const user = imageUser(server, house.root)
  if (user) chownSync(data, user.uid, user.gid)
  chmodSync(data, 0o700)
}, 120_000)
afterAll(async () => {
  await Promise.all(running.map((container) => container.stop(0)))
  redis?.child.kill('SIGKILL')
  await s3?.close()
  if (house) unlockTree(house.root)
  house?.delete()
  for (const folder of [data, author, packages, redis?.folder])
    if (folder) rmSync(folder, { recursive: true, force: true })
})

function dockerfilesIn(page: string): string[] {
  return [...page.matchAll(/```dockerfile\n([\s\S]*?)```/g)].map(([, text = '']) => text)
}

/** What an author does: makes a model in a folder of his own, and builds the image that the page shows. */
async function buildModelImage(): Promise<void> {
  author = mkdtempSync(join(tmpdir(), 'millrace-author-'))
  await promisify(execFile)(process.execPath, [house.program, 'new', 'shout', '--path', author])
  for (const { name, text } of modelStage?.instructions ?? []) {
    if (name !== 'COPY') continue
    const [from, to = ''] = text.split(' ')
    if (from !== '.') throw new Error(`not understood: COPY ${text}`)
    cpSync(join(author, 'shout'), to.replace(/^\/app/, house.root), { recursive: true })
  }
}

/** Redis as the compose file starts it, but where and on which port. */
async function startRedisOfStack() {
  const [, ...args] = stack.services.redis?.command ?? []
  const folder = mkdtempSync(join(tmpdir(), 'millrace-redis-'))
  const port = await freePort()
  const program = findProgram(REDIS_SERVERS, process.env.PATH) ?? 'redis-server'
  const child = spawn(program, [...args, '--port', String(port), '--bind', '127.0.0.1', '--dir', folder])
  const endWithUs = () => child.kill('SIGKILL')
  process.once('exit', endWithUs)
  child.once('exit', () => process.off('exit', endWithUs))
  let log = ''
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()))
  await until('Redis takes connections', () => {
    if (child.exitCode !== null) throw new Error(`Redis ended: ${log}`)
    return log.includes('Ready to accept connections')
  })
  return { child, folder, url: `redis://127.0.0.1:${port}` }
}

function place(env: Record<string, string>): Place {
  const instead = {
    'redis://redis:6379': redis.url,
    'http://s3:8333': s3.endpoint,
    'http://127.0.0.1:8333': s3.endpoint,
  }
  const credentials = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
  return { app: house.root, data, instead, env: { ...credentials, ...env } }
}

const start = (image: Image, service: string, env: Record<string, string>): Container => {
  const container = startContainer(image, stack.services[service], place(env))
  running.push(container)
  return container
}

const healthy = (what: string, container: Container) =>
  until(`${what} is well`, () => container.isHealthy(), { timeoutMs: 60_000, everyMs: 200 })

class KeyedClient extends ApiClient {
  override request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${KEY}`)
    return super.request(path, { ...init, headers })
  }
}

it('comes up, is well, runs jobs of all its workers, and stops in time', { timeout: 180_000 }, async () => {
  const port = String(await freePort())
  const [workerPort, pythonPort] = [String(await freePort()), String(await freePort())]
  const api = start(server, 'api', { MILLRACE_PORT: port })
  const worker = start(nodeWorker, 'worker', { MILLRACE_WORKER_HEALTH_PORT: workerPort })
  const python = start(pythonWorker, 'worker-python', { MILLRACE_WORKER_HEALTH_PORT: pythonPort })
  await Promise.all([healthy('the API', api), healthy('the worker', worker), healthy('the Python worker', python)])

  const url = `http://127.0.0.1:${port}`
  expect((await new ApiClient(url).submit('echo', { input: { message: 'x' } })).status).toBe(401)
  const client = new KeyedClient(url)
  const done = await client.run('echo', { message: 'in the stack', size_bytes: 3_000_000 })
  expect(done).toMatchObject({ status: 'succeeded', output: { message: 'in the stack' } })
  // Whoever downloads it is sent to the S3 server, at the address that clients can reach.
  const output = (done.output as { file: FileView }).file
  const link = new URL(output.url)
  const redirect = await fetch(`${url}${link.pathname}${link.search}`, { redirect: 'manual' })
  expect([redirect.status, redirect.headers.get('location')?.startsWith(s3.endpoint)]).toEqual([302, true])
  const bytes = await (await fetch(redirect.headers.get('location') ?? '')).arrayBuffer()
  expect(bytes.byteLength).toBe(3_000_000)
  expect((await client.run('babble', { text: 'One two three. Four five six.', words: 5 })).status).toBe('succeeded')

  for (const [container, name] of [
    [api, 'api'],
    [worker, 'worker'],
    [python, 'worker-python'],
  ] as const) {
    expect([name, await container.stop(secondsOf(stack.services[name]?.stop_grace_period ?? '0s'))]).toEqual([name, 0])
  }
  expect(stateOfTree(house.root)).toEqual(before)
})

it('serves a model of which the image is three lines on a worker', { timeout: 120_000 }, async () => {
  const base = Object.values(stack.services).find(({ image }) => image === modelStage?.from)?.build?.target ?? ''
  expect(modelStage?.instructions.map(({ name }) => name)).toEqual(['COPY', 'ENV'])
  const image = extendImage(imageOf(file, base), modelStage)
  const port = String(await freePort())
  const api = start(server, 'api', { MILLRACE_PORT: port })
  const worker = start(image, 'worker', { MILLRACE_WORKER_HEALTH_PORT: String(await freePort()) })
  await Promise.all([healthy('the API', api), healthy('the model', worker)])
  const done = await new KeyedClient(`http://127.0.0.1:${port}`).run('shout', { text: 'three lines' })
  expect(done).toMatchObject({ status: 'succeeded', model: 'shout' })
  expect(await Promise.all([worker.stop(45), api.stop(45)])).toEqual([0, 0])
})

it('builds an image whose model has packages, as the user that the image has', { timeout: 60_000 }, () => {
  const target = Object.values(stack.services).find(({ image }) => image === packagesStage?.from)?.build?.target ?? ''
  const [uid = 0, gid = 0] = imageOf(file, target).user.split(':').map(Number)
  const isRoot = process.getuid?.() === 0
  packages = mkdtempSync(join(tmpdir(), 'millrace-packages-'))
  chmodSync(packages, 0o755)
  for (const { name, text } of packagesStage?.instructions ?? []) {
    const here = text.replaceAll('/app/models', packages)
    if (name === 'COPY') {
      const folder = here.split(' ').at(-1) ?? ''
      mkdirSync(folder)
      writeFileSync(join(folder, 'requirements.txt'), '')
      const [, user = 0, group = 0] = /--chown=(\d+):(\d+) /.exec(here) ?? []
      if (isRoot) chownSync(folder, Number(user), Number(group))
    } else if (name === 'RUN') {
      const env = { PATH: process.env.PATH ?? '', HOME: tmpdir() }
      execFileSync('sh', ['-ec', here], { env, stdio: 'ignore', ...(isRoot && { uid, gid }) })
    }
  }
  expect(readdirSync(join(packages, 'shout', '.venv', 'bin'))).toContain('python')
})

it('stops Redis by a signal, with all that it has taken in its file', async () => {
  redis.child.kill('SIGTERM')
  expect(await once(redis.child, 'exit')).toEqual([0, null])
})
