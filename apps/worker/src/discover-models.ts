/** Finds the models of a folder for the worker: one folder per model, each with a `model.ts`, .mts, .js or .mjs. */
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, delimiter, dirname, join, resolve } from 'node:path'

export interface ModelSource {
  /** Absolute path of the model file. */
  path: string
  /** Name of its folder, for messages; the model's own name is in its manifest. */
  label: string
}

/** A models folder that cannot be used; `message` is meant for whoever configured it. */
export class ModelFolderError extends Error {
  readonly folder: string

  constructor(folder: string, why: string) {
    super(`models folder ${folder}: ${why}`)
    this.name = 'ModelFolderError'
    this.folder = folder
  }
}

const FILES = ['model.ts', 'model.mts', 'model.js', 'model.mjs']

/** The folders that a setting names, as absolute paths: separated by a comma or the system's path delimiter. */
export const modelFolders = (setting: string): string[] =>
  setting
    .split(/[,\n]/)
    .flatMap((part) => part.split(delimiter))
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => resolve(part))

/**
 * The models below one or more folders, which are separated by a comma or the system's path delimiter, sorted by path.
 * A folder may also be a model's own. Folders without a model file are passed over. Rejects with ModelFolderError when
 * a folder is missing, is none, holds no model at all, or a model has two files.
 */
export async function discoverModels(folders: string): Promise<ModelSource[]> {
  const named = modelFolders(folders)
  if (named.length === 0) throw new ModelFolderError('(none)', 'no folder is named')
  const found: ModelSource[] = []
  for (const folder of named) found.push(...(await modelsOf(folder)))
  return found
    .filter((source, index) => found.findIndex((other) => other.path === source.path) === index)
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function modelsOf(folder: string): Promise<ModelSource[]> {
  const stats = await stat(folder).catch(() => undefined)
  if (stats === undefined) throw new ModelFolderError(folder, 'it does not exist')
  if (!stats.isDirectory()) throw new ModelFolderError(folder, 'it is not a folder')
  const own = await modelIn(folder)
  if (own !== undefined) return [own]
  const subfolders: string[] = []
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    if (!name.startsWith('.') && name !== 'node_modules' && (await stat(path).catch(() => undefined))?.isDirectory()) {
      subfolders.push(path)
    }
  }
  const models = (await Promise.all(subfolders.map(modelIn))).filter((source) => source !== undefined)
  if (models.length > 0) return models
  const seen = subfolders.map((path) => basename(path)).join(', ')
  throw new ModelFolderError(
    folder,
    seen === ''
      ? 'it is empty; put each model into a folder of its own with a model.ts'
      : `no model.ts (or .mts, .js, .mjs) in any of its folders: ${seen}`,
  )
}

async function modelIn(folder: string): Promise<ModelSource | undefined> {
  const names = (await readdir(folder)).filter((name) => FILES.includes(name))
  if (names.length > 1) throw new ModelFolderError(folder, `it has ${names.join(' and ')}; keep one of them`)
  const [name] = names
  return name === undefined ? undefined : { path: join(folder, name), label: basename(folder) }
}

/**
 * False for a model whose folder has a lockfile of its own whose packages were never installed: one that is too large
 * for everyone to wait for. It is passed over, not tried and failed.
 */
export function isInstalled({ path }: ModelSource): boolean {
  const folder = dirname(path)
  return !existsSync(join(folder, 'package-lock.json')) || existsSync(join(folder, 'node_modules'))
}
