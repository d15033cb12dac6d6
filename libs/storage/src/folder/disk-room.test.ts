import { mkdtempSync, rmSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DiskRoom } from './disk-room.ts'
import { FolderStore } from './folder-store.ts'

const EVERYTHING = 2 ** 50
const MIB = 1024 ** 2

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-room-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const put = (store: FolderStore, key: string, more = {}) =>
  store.put(key, Readable.from([Buffer.from('x')]), { contentType: 'text/plain', ...more })

it('refuses what would leave too little, and what nobody said the size of as soon as it does', async () => {
  const { bavail, bsize } = await statfs(folder)
  const half = new DiskRoom(folder, (bavail * bsize) / 2)
  await half.take(0)
  await expect(half.take(bavail * bsize)).rejects.toMatchObject({ fault: 'full' })
  const none = new DiskRoom(folder, EVERYTHING)
  await none.took(15 * MIB)
  await expect(none.took(MIB)).rejects.toMatchObject({ fault: 'full' })
})

it('keeps by itself no more than a twentieth of a small disk', async () => {
  await new DiskRoom(folder, undefined).take(0)
})

it('lets a store take nothing new below the floor, but the few bytes that make room, and give what it has', async () => {
  await put(await FolderStore.open(folder), 'old')
  const full = await FolderStore.open(folder, { minFreeBytes: EVERYTHING })
  await expect(put(full, 'new')).rejects.toMatchObject({ fault: 'full' })
  await put(full, 'mark', { fromReserve: true })
  expect(await full.head('old')).toMatchObject({ size: 1 })
  await full.delete('old')
  expect(await full.head('old')).toBeUndefined()
})
