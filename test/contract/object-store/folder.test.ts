/** The folder driver keeps the contract, and what only a disk can get wrong. */
import { mkdir, mkdtemp, readdir, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FolderStore, openObjectStore } from '@millrace/storage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectFault, keysOf, objectStoreSuite } from './object-store.suite.ts'

const TEXT = { contentType: 'text/plain' }
let base: string

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'millrace-folder-'))
})
afterAll(() => rm(base, { recursive: true, force: true }))

objectStoreSuite('a folder', () => openObjectStore({ folder: join(base, 'suite') }))

describe('a folder on disk', () => {
  const tempOf = (root: string) => join(root, '.store', 'tmp')

  it('leaves no temp file after a put, won or lost', async () => {
    const root = join(base, 'tidy')
    const store = await FolderStore.open(root)
    await store.put('a', Buffer.from('a'), TEXT)
    await expectFault(store.put('a', Buffer.from('b'), TEXT), 'exists')
    await expectFault(store.put('b', Buffer.from('b'), { ...TEXT, size: 5 }), 'mismatch')
    expect(await readdir(tempOf(root))).toEqual([])
  })

  it('never shows what a killed process left, and sweeps it after a day', async () => {
    const root = join(base, 'swept')
    await FolderStore.open(root)
    await writeFile(join(tempOf(root), 'old'), 'half an obj')
    await writeFile(join(tempOf(root), 'new'), 'half an obj')
    const dayAgo = new Date(Date.now() - 86_400_000 - 60_000)
    await utimes(join(tempOf(root), 'old'), dayAgo, dayAgo)
    const store = await FolderStore.open(root)
    expect(await keysOf(store, '')).toEqual([])
    expect(await readdir(tempOf(root))).toEqual(['new'])
  })

  it('keeps its objects when it is opened again', async () => {
    const root = join(base, 'again')
    const info = await (await FolderStore.open(root)).put('jobs/a/b.txt', Buffer.from('kept'), TEXT)
    expect(await (await FolderStore.open(root)).head('jobs/a/b.txt')).toEqual(info)
  })

  it('never follows a link out of its root', async () => {
    const root = join(base, 'root')
    const outside = join(base, 'outside')
    const store = await FolderStore.open(root)
    await mkdir(outside)
    await writeFile(join(outside, 'secret@object'), 'secret')
    await symlink(outside, join(root, 'link'))
    await symlink(join(outside, 'secret@object'), join(root, 'file@object'))
    await expectFault(store.get('link/secret'), 'invalid_key')
    await expectFault(store.head('link/secret'), 'invalid_key')
    await expectFault(store.get('file'), 'invalid_key')
    await expectFault(store.put('link/new/x', Buffer.from('x'), TEXT), 'invalid_key')
    await expectFault(store.deletePrefix('link/'), 'invalid_key')
    await store.put('deep/a', Buffer.from('a'), TEXT)
    await symlink(outside, join(root, 'deep', 'link'))
    expect(await keysOf(store, '')).toEqual(['deep/a'])
    expect(await store.deletePrefix('deep/')).toBe(1)
    expect(await readdir(outside)).toEqual(['secret@object'])
  })

  it('calls an object damaged whose end is gone, and does not serve it', async () => {
    const root = join(base, 'damaged')
    const store = await FolderStore.open(root)
    await store.put('a', Buffer.alloc(5_000, 'a'), TEXT)
    await truncate(join(root, 'a@object'), 4_000)
    await expectFault(store.get('a'), 'unavailable')
    await expectFault(store.head('a'), 'unavailable')
  })

  it('puts into a folder that is being deleted, whole or not at all', async () => {
    const store = await FolderStore.open(join(base, 'churn'))
    const keys = Array.from({ length: 60 }, (_, n) => `jobs/x/${n % 3}/${n}`)
    await Promise.all(keys.flatMap((key) => [store.put(key, Buffer.from(key), TEXT), store.deletePrefix('jobs/x/')]))
    await store.deletePrefix('jobs/x/')
    expect(await keysOf(store, '')).toEqual([])
  })

  it('says that a folder it cannot make is unavailable', async () => {
    await writeFile(join(base, 'in-the-way'), '')
    await expectFault(openObjectStore({ folder: join(base, 'in-the-way') }), 'unavailable')
    const plain = await openObjectStore({ folder: join(base, 'plain') })
    expect([plain.uploads, plain.downloads]).toEqual([undefined, undefined])
  })
})
