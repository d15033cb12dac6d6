/**
 * Notices when the source of a model changes. Called by `millrace dev`.
 * It looks at the files itself: the file watching of Node 20 loses a file on Linux once an editor has saved it by
 * renaming, and hears nothing at all through many container mounts.
 */
import { createHash } from 'node:crypto'
import { type Dirent, type Stats } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export interface WatchModelsOptions {
  /** Absolute paths; one that does not exist yet is waited for. */
  folders: readonly string[]
  /** Hears the files that changed, came or went; the next call waits until this one has ended. Must not reject. */
  onChange(paths: string[]): Promise<void>
  /** Between two looks. Default 200 ms; longer where a look takes long, so that it stays below a twentieth of the time. */
  everyMs?: number
  /** How long nothing may change before it is told: a save is often several writes. Default 100 ms. */
  debounceMs?: number
}

export interface ModelWatch {
  /** Looks no more; a call of `onChange` that is under way goes on. */
  stop(): void
}

/** What makes a model behave differently. Everything else may be written by the model itself, which runs in its folder. */
const SOURCES = new Set(
  '.ts .mts .cts .tsx .js .mjs .cjs .jsx .json .py .pyi .toml .yaml .yml .ini .cfg .txt .sh'.split(' '),
)
const SKIPPED = new Set(['node_modules', '__pycache__'])
const MOST_OF_THE_TIME = 20

/** Begins to look; resolves after the first look, against which changes are told. */
export async function watchModels(options: WatchModelsOptions): Promise<ModelWatch> {
  const { everyMs = 200, debounceMs = 100 } = options
  const stopped = new AbortController()
  const rest = (ms: number) => delay(ms, undefined, { signal: stopped.signal })
  let known: Snapshot = await look(options.folders, new Map())

  const watch = async (): Promise<void> => {
    const pending = new Set<string>()
    let lookMs = 0
    for (;;) {
      await rest(pending.size > 0 ? debounceMs : Math.max(everyMs, lookMs * MOST_OF_THE_TIME))
      const begun = performance.now()
      const seen = await look(options.folders, known)
      lookMs = performance.now() - begun
      const changed = differences(known, seen)
      known = seen
      for (const path of changed) pending.add(path)
      if (changed.length > 0 || pending.size === 0) continue
      const told = [...pending]
      pending.clear()
      await options.onChange(told)
    }
  }
  watch().catch((error: unknown) => {
    if (!stopped.signal.aborted) throw error
  })
  return { stop: () => stopped.abort() }
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
