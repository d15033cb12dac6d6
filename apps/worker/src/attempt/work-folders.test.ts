import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openWorkFolders } from './work-folders.ts'

const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

async function aPlace() {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-work-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const [dataDir, memoryDir] = [join(dir, 'data'), join(dir, 'memory')]
  await mkdir(memoryDir)
  return { dataDir, memoryDir, logger }
}

test('an attempt gets an empty folder of its own in memory, and it can be deleted with all in it', async () => {
  const place = await aPlace()
  const folders = await openWorkFolders({ ...place, keepFreeBytes: 0 })
  const folder = await folders.create({ id: 'job_x', fence: 2 }, 0)
  expect(folder.startsWith(place.memoryDir)).toBe(true)
  expect(folder.endsWith('job_x-2')).toBe(true)
  await writeFile(join(folder, 'left'), 'x')
  await folders.remove(folder)
  await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  await folders.close()
})

test('inputs that would fill the memory go to disk', async () => {
  const place = await aPlace()
  const folders = await openWorkFolders({ ...place, keepFreeBytes: 0 })
  const folder = await folders.create({ id: 'job_x', fence: 1 }, 2 ** 60)
  expect(folder.startsWith(place.dataDir)).toBe(true)
})

test('memory that is missing or nearly full is not used at all', async () => {
  const place = await aPlace()
  const full = await openWorkFolders({ ...place, keepFreeBytes: 2 ** 60 })
  expect((await full.create({ id: 'job_x', fence: 1 }, 0)).startsWith(place.dataDir)).toBe(true)
  const none = await openWorkFolders({ ...place, memoryDir: join(place.memoryDir, 'none') })
  expect((await none.create({ id: 'job_x', fence: 1 }, 0)).startsWith(place.dataDir)).toBe(true)
})

test('what a dead worker left is deleted at the next start, what a living one uses is not', async () => {
  const place = await aPlace()
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const base = join(place.dataDir, 'work')
  const leftover = join(base, `${hostname()}.${dead}.00000000`)
  const foreign = join(base, `another-machine.${dead}.00000000`)
  await mkdir(join(leftover, 'job_y-1'), { recursive: true })
  await mkdir(foreign, { recursive: true })
  const living = await openWorkFolders({ ...place, keepFreeBytes: 2 ** 60 })
  const used = await living.create({ id: 'job_x', fence: 1 }, 0)
  await openWorkFolders({ ...place, keepFreeBytes: 2 ** 60 })
  const names = await readdir(base)
  expect(names).not.toContain(`${hostname()}.${dead}.00000000`)
  expect(names).toContain('another-machine.' + `${dead}.00000000`)
  expect(await readdir(used)).toEqual([])
})

test('a folder of another container is judged by its age, though that has our name and no such process is here', async () => {
  const place = await aPlace()
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const base = join(place.dataDir, 'work')
  const [busy, left] = [`${hostname()}.${dead}.1-00000000`, `${hostname()}.${process.pid}.2-00000000`]
  for (const name of [busy, left]) await mkdir(join(base, name), { recursive: true })
  const longAgo = new Date(Date.now() - 2 * 86_400_000)
  await utimes(join(base, left), longAgo, longAgo)
  const own = await openWorkFolders({ ...place, keepFreeBytes: 2 ** 60 })
  const names = await readdir(base)
  expect(names).toContain(busy)
  expect(names).not.toContain(left)
  await own.close()
})
