/**
 * Notices when the source of a model changes. Called by `millrace dev`.
 * It looks at the files itself: the file watching of Node 20 loses a file on Linux once an editor has saved it by
 * renaming, and hears nothing at all through many container mounts.
 */
import { createHash } from 'node:crypto'
import { type Dirent, type Stats } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { createLoop, type Lifecycle } from '@millrace/async'

export interface WatchModelsOptions {
  /** Absolute paths; one that does not exist yet is waited for. */
  folders: readonly string[]
  /** Hears the files that changed, came or went; the next call waits until this one has ended. */
  onChange(paths: string[]): Promise<void>
  /** Hears why the files could not be looked at; they are looked at again. */
  onFault(error: unknown): void
  /** Between two looks. Default 200 ms; longer where a look takes long, so that it stays below a twentieth of the time. */
  everyMs?: number
  /** How long nothing may change before it is told: a save is often several writes. Default 100 ms. */
  debounceMs?: number
}

/** What makes a model behave differently. Everything else may be written by the model itself, which runs in its folder. */
const SOURCES = new Set(
  '.ts .mts .cts .tsx .js .mjs .cjs .jsx .json .py .pyi .toml .yaml .yml .ini .cfg .txt .sh'.split(' '),
)
const SKIPPED = new Set(['node_modules', '__pycache__'])
const MOST_OF_THE_TIME = 20

/** A watch that is started when it has looked for the first time: against that, changes are told. */
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
  /** Changes with every write; cheap to ask. */
  stamp: string
  /** Of the content: a save that changes nothing is no change. */
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
  // It may be gone by now, or not be there yet.
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => [])
  // The packages of a Python model, under whatever name.
  if (entries.some(({ name }) => name === 'pyvenv.cfg')) return
  await Promise.all(
    entries.map(async (entry) => {
      if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) return
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return lookInto(path, { known, seen, depth: depth + 1 })
      const source = SOURCES.has(extname(entry.name))
      // A model's folder may be a link; further down a link could lead in a circle.
      if (!source && !(entry.isSymbolicLink() && depth === 0)) return
      const stats = await stat(path).catch(() => undefined)
      if (stats?.isDirectory()) return depth === 0 ? lookInto(path, { known, seen, depth: 1 }) : undefined
      if (stats?.isFile() && source) seen.set(path, await lookAt(path, stats, known.get(path)))
    }),
  )
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
