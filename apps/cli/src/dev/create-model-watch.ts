/**
 * Notices when the source of a model changes. Called by `millrace dev`. It looks at the files itself, because the file
 * watching of Node 20 is not enough: on Linux it loses a file that an editor saves by renaming, and through many container
 * mounts it notices nothing.
 */
import { createHash } from 'node:crypto'
import { type Dirent, type Stats } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { createLoop, type Lifecycle } from '@millrace/async'

export interface WatchModelsOptions {
  /** Absolute paths. A folder may also appear later. */
  folders: readonly string[]
  /** Called with the files that changed, came or went. It is not called again before it has ended. */
  onChange(paths: string[]): Promise<void>
  /** Called with the reason when the files could not be looked at. The watch tries again. */
  onFault(error: unknown): void
  /**
   * The time between two looks. Default 200 ms. It grows when a look takes long, so that looking takes at most a twentieth
   * of the time.
   */
  everyMs?: number
  /** A change is told once nothing has changed for this long, because a save is often several writes. Default 100 ms. */
  debounceMs?: number
}

/** Only these files decide how a model behaves. Other files may be written by the model itself, which runs in its folder. */
const SOURCES = new Set(
  '.ts .mts .cts .tsx .js .mjs .cjs .jsx .json .py .pyi .toml .yaml .yml .ini .cfg .txt .sh'.split(' '),
)
/** Marks the folder of a Python environment. */
const ENVIRONMENT = 'pyvenv.cfg'
const SKIPPED = new Set(['node_modules', '__pycache__'])
const MOST_OF_THE_TIME = 20

/** The watch has started when it has looked for the first time. Changes are found by comparing with that look. */
export function createModelWatch(options: WatchModelsOptions): Lifecycle {
  const { folders, onChange, onFault, everyMs = 200, debounceMs = 100 } = options
  const pending = new Set<string>()
  let known: Snapshot | undefined
  let lookMs = 0

  const round = async (): Promise<void> => {
    const begun = performance.now()
    const seen = await look(folders, known ?? new Map())
    lookMs = performance.now() - begun
    const changed = known ? differences(known, seen) : []
    known = seen
    for (const path of changed) pending.add(path)
    if (changed.length > 0 || pending.size === 0) return
    const told = [...pending]
    pending.clear()
    await onChange(told)
  }
  const pauseMs = () => (pending.size > 0 ? debounceMs : Math.max(everyMs, lookMs * MOST_OF_THE_TIME))
  return createLoop({ round, everyMs: pauseMs, first: 'awaited', onFault })
}

interface Seen {
  /** Cheap to read, and different after every write. */
  stamp: string
  /** A hash of the content: a save that changes nothing is no change. */
  hash: string
}

type Snapshot = Map<string, Seen>

async function look(folders: readonly string[], known: Snapshot): Promise<Snapshot> {
  const seen: Snapshot = new Map()
  await Promise.all(folders.map((folder) => lookInto(folder, { known, seen, depth: 0 })))
  return seen
}

interface Look {
  known: Snapshot
  seen: Snapshot
  depth: number
}

async function lookInto(folder: string, { known, seen, depth }: Look): Promise<void> {
  // The folder may be gone by now, or not exist yet.
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => [])
  const note = async (path: string, stats: Stats) => void seen.set(path, await lookAt(path, stats, known.get(path)))
  // This folder holds the packages of a Python model, whatever its name. That it is there changes on what the model runs; what is
  // in it changes while packages are installed, and a model that lacks some is tried again anyway.
  if (entries.some(({ name }) => name === ENVIRONMENT)) return lookAtEnvironment(folder, note)
  await Promise.all(
    entries.map(async (entry) => {
      if (SKIPPED.has(entry.name)) return
      const path = join(folder, entry.name)
      if (entry.name.startsWith('.')) return entry.isDirectory() ? lookAtEnvironment(path, note) : undefined
      if (entry.isDirectory()) return lookInto(path, { known, seen, depth: depth + 1 })
      const source = SOURCES.has(extname(entry.name))
      // A model's folder may be a link. Deeper links are skipped, because they could lead in a circle.
      if (!source && !(entry.isSymbolicLink() && depth === 0)) return
      const stats = await stat(path).catch(() => undefined)
      if (stats?.isDirectory()) return depth === 0 ? lookInto(path, { known, seen, depth: 1 }) : undefined
      if (stats?.isFile() && source) await note(path, stats)
    }),
  )
}

async function lookAtEnvironment(folder: string, note: (path: string, stats: Stats) => Promise<void>): Promise<void> {
  const path = join(folder, ENVIRONMENT)
  const stats = await stat(path).catch(() => undefined)
  if (stats?.isFile()) await note(path, stats)
}

async function lookAt(path: string, stats: Stats, before: Seen | undefined): Promise<Seen> {
  const stamp = `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`
  if (before?.stamp === stamp) return before
  const bytes = await readFile(path).catch(() => Buffer.from(stamp))
  return { stamp, hash: createHash('sha256').update(bytes).digest('base64') }
}

function differences(before: Snapshot, after: Snapshot): string[] {
  const changed = [...after].filter(([path, { hash }]) => before.get(path)?.hash !== hash).map(([path]) => path)
  const gone = [...before.keys()].filter((path) => !after.has(path))
  return [...changed, ...gone]
}
