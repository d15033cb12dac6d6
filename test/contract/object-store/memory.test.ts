/** What a large object costs in memory: the same as a small one. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ObjectStoreSettings } from '@millrace/storage'
import { expect, it } from 'vitest'
import { startS3Server } from '../../support/servers/s3-server.ts'

const MB = 1024 * 1024
const MAIN = fileURLToPath(new URL('./stream-main.ts', import.meta.url))

async function stream(settings: ObjectStoreSettings, size: number) {
  const args = ['--import', 'tsx', MAIN, JSON.stringify(settings), String(size)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout) as { same: boolean; grownMb: number }
}

it('streams 512 MB through a folder without holding them', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-large-'))
  try {
    const { same, grownMb } = await stream({ folder }, 512 * MB)
    expect(same).toBe(true)
    expect(grownMb).toBeLessThan(200)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

it('streams 256 MB through a bucket without holding them', { timeout: 60_000 }, async () => {
  const server = await startS3Server()
  try {
    const { endpoint, bucket, accessKeyId, secretAccessKey } = server
    const settings = { endpoint, bucket, credentials: { accessKeyId, secretAccessKey } }
    const { same, grownMb } = await stream(settings, 256 * MB)
    expect(same).toBe(true)
    expect(grownMb).toBeLessThan(200)
  } finally {
    await server.close()
  }
})
