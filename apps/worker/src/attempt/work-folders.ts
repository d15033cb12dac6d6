/**
 * The folder in which one attempt meets its model: inputs below `in/`, outputs wherever the model puts them. On memory
 * when there is room, since both sides only pass bytes through; on disk otherwise. Used by attempt/begin-attempt.ts.
 */
import type { Log } from '@millrace/contracts'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readlinkSync, rmdirSync } from 'node:fs'
import { mkdir, readdir, rm, stat, statfs, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Hold } from '@millrace/queue'
import { describeError } from '../fault-log.ts'

export interface WorkFolders {
  /** Makes the empty folder of an attempt; `expectedBytes` is what its inputs will take. */
  create(hold: Hold, expectedBytes: number): Promise<string>
  /** Deletes it with all it holds. Never rejects. */
  remove(folder: string): Promise<void>
  /** Deletes this worker's own root. */
  close(): Promise<void>
}

export interface WorkFoldersOptions {
  /** Folder on disk that outlives nothing: `<dataDir>/work` is made in it. */
  dataDir: string
  /** A file system in memory, used when it is there and has room. Default /dev/shm. */
  memoryDir?: string
  /** Room that must stay free in memory after the inputs are written. Bytes, default 1 GiB. */
  keepFreeBytes?: number
  logger: Log
}

/**
 * Folders of another machine or container that shares the disk can't be checked by process id, only by when their worker
 * touched them last.
 */
const FOREIGN_AGE_MS = 86_400_000
const TOUCH_MS = 3_600_000

/** Makes this worker's roots, and deletes what workers that are dead have left behind. */
export async function openWorkFolders(options: WorkFoldersOptions): Promise<WorkFolders> {
  const { logger, memoryDir = '/dev/shm', keepFreeBytes = 1024 ** 3 } = options
  const own = `${hostname()}.${process.pid}.${pidSpace()}-${randomBytes(4).toString('hex')}`
  const diskBase = join(options.dataDir, 'work')
  const memoryBase = join(memoryDir, `millrace-work-${process.getuid?.() ?? 0}`)
  const onDisk = join(diskBase, own)
  await mkdir(onDisk, { recursive: true, mode: 0o700 })
  const inMemory = (await roomIn(memoryDir)) > keepFreeBytes ? await tryMake(join(memoryBase, own)) : undefined
  for (const base of [diskBase, memoryBase]) await sweep(base, own, logger)
  const roots = inMemory ? [onDisk, inMemory] : [onDisk]
  // A worker without work, or with a run of days, must not look dead from elsewhere.
  const touching = setInterval(() => void touch(roots), TOUCH_MS).unref()

  const rootFor = async (expectedBytes: number) => {
    if (!inMemory) return onDisk
    if (expectedBytes === 0) return inMemory
    return (await roomIn(inMemory)) - expectedBytes > keepFreeBytes ? inMemory : onDisk
  }
  const remove = async (folder: string) => {
    try {
      // Most attempts leave it empty, and one call is cheaper than the search that `rm` makes.
      if (removeEmpty(folder)) return
      await rm(folder, { recursive: true, force: true })
    } catch (error) {
      logger.warn(describeError(error), 'A work folder could not be deleted; the next start of a worker sweeps it')
    }
  }

  return {
    async create(hold, expectedBytes) {
      const folder = join(await rootFor(expectedBytes), `${hold.id}-${hold.fence}`)
      // At once: making one folder takes less time, on a disk too, than handing the call to a thread.
      mkdirSync(folder, { mode: 0o700 })
      return folder
    },
    remove,
    async close() {
      clearInterval(touching)
      for (const root of roots) await remove(root)
    },
  }
}

/** Free bytes below a path; 0 when it is not there. */
async function roomIn(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  } catch {
    return 0
  }
}

function removeEmpty(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch {
    return false
  }
}

async function tryMake(folder: string): Promise<string | undefined> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return folder
  } catch {
    return undefined
  }
}

async function sweep(base: string, own: string, logger: Log): Promise<void> {
  for (const name of await readdir(base).catch(() => [])) {
    if (name === own || !(await isLeftover(base, name))) continue
    await rm(join(base, name), { recursive: true, force: true }).catch((error: unknown) =>
      logger.warn(describeError(error), 'The work folder of a dead worker could not be deleted'),
    )
  }
}

async function isLeftover(base: string, name: string): Promise<boolean> {
  const parts = name.split('.')
  const [space, pid, host] = [spaceOf(parts.at(-1) ?? ''), Number(parts.at(-2)), parts.slice(0, -2).join('.')]
  // A number means nothing elsewhere: containers of one name count their processes alike.
  if (host === hostname() && space === pidSpace()) return !isAlive(pid)
  const stats = await stat(join(base, name)).catch(() => undefined)
  return stats !== undefined && Date.now() - stats.mtimeMs > FOREIGN_AGE_MS
}

/** Earlier versions did not say; they are taken for ours. */
const spaceOf = (tail: string): string => (tail.includes('-') ? (tail.split('-')[0] ?? '') : pidSpace())

async function touch(roots: readonly string[]): Promise<void> {
  const now = new Date()
  for (const root of roots) await utimes(root, now, now).catch(() => undefined)
}

/** Names what process ids are counted in: a container has its own. Empty where the system does not say. */
function pidSpace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? ''
  } catch {
    return ''
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
