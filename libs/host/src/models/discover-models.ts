/**
 * Finds the models of a folder for the worker, one folder per model. It finds candidates and reads their settings files. It
 * does not find out how a Python model is written: the model's own runner does that, from the sources.
 */
import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import type { ModelSettings } from '../settings/model-settings.ts'
import { checkKeys, ModelSettingsError, readModelSettings, SETTINGS_FILE } from '../settings/read-model-settings.ts'

export interface ModelSource {
  /**
   * Absolute path of the model file, or of the file that marks the folder as a model's. It lies directly in the model's
   * folder.
   */
  path: string
  /** Name of its folder, for messages; the model's own name is in its manifest. */
  label: string
  language: 'node' | 'python'
  /** The settings in its millrace.yaml. Empty without that file. */
  settings: ModelSettings
  /** The reason why its millrace.yaml cannot be used. Such a model is shown as one that does not load. */
  fault?: ModelSettingsError
}

/** A models folder that cannot be used. The message is for the person who configured it. */
export class ModelFolderError extends Error {
  readonly folder: string

  constructor(folder: string, why: string) {
    super(`models folder ${folder}: ${why}`)
    this.name = 'ModelFolderError'
    this.folder = folder
  }
}

const NODE_FILES = ['model.ts', 'model.mts', 'model.js', 'model.mjs']
/** When a folder has several Python files, these names come first, in this order. */
const PYTHON_FIRST = ['model.py', 'predict.py', 'app.py', 'main.py']
/** Python files with these names are never a model. */
const NO_MODEL = /^(setup|conftest|__init__|test_.*|.*_test)\.py$/
const DEEPAAS_GROUP = 'deepaas.v2.model'
const PROJECT_FILES = new Set(['pyproject.toml', 'setup.cfg', 'setup.py'])
const SKIPPED = new Set(['node_modules', '__pycache__'])

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
 * A folder may also be a model's own. Folders without a model are passed over. Rejects with ModelFolderError when a
 * folder is missing, is none, holds no model at all, or a model has two TypeScript files.
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
  const own = await candidateIn(folder)
  if (own?.marked) return [await sourceOf(folder, own)]
  const subfolders: string[] = []
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    if (name.startsWith('.') || SKIPPED.has(name) || existsSync(join(path, 'pyvenv.cfg'))) continue
    if ((await stat(path).catch(() => undefined))?.isDirectory()) subfolders.push(path)
  }
  const models = (await Promise.all(subfolders.map(modelIn))).filter((source) => source !== undefined)
  if (models.length > 0) return models
  // A Python file alone proves little: beside folders with models it is a script. Without such folders it is the model.
  if (own) return [await sourceOf(folder, own)]
  const seen = subfolders.map((path) => basename(path)).join(', ')
  throw new ModelFolderError(
    folder,
    seen === ''
      ? 'it is empty; put each model into a folder of its own with a model.ts or Python files (`millrace new` makes one)'
      : `no model.ts (or .mts, .js, .mjs), ${SETTINGS_FILE}, cog.yaml or Python file in any of its folders: ${seen}`,
  )
}

/** The model whose own folder this is; undefined when there is none. Rejects with ModelFolderError. */
export async function modelIn(folder: string): Promise<ModelSource | undefined> {
  const candidate = await candidateIn(folder)
  return candidate && sourceOf(folder, candidate)
}

interface Candidate {
  nodeFile: string | undefined
  /** Files that show that there is a Python model, best first. */
  pythonMarks: string[]
  /** True when more than the name of a Python file shows that this is a model. */
  marked: boolean
}

async function candidateIn(folder: string): Promise<Candidate | undefined> {
  const names = await readdir(folder)
  const nodeFiles = names.filter((name) => NODE_FILES.includes(name))
  if (nodeFiles.length > 1) throw new ModelFolderError(folder, `it has ${nodeFiles.join(' and ')}; keep one of them`)
  const [nodeFile] = nodeFiles
  const strong: string[] = names.filter((name) => name === 'cog.yaml')
  for (const name of names) if (await namesDeepaas(folder, name)) strong.push(name)
  strong.push(...names.filter((name) => name === 'wrapper.py'))
  const scripts = names.filter((name) => name.endsWith('.py') && !NO_MODEL.test(name) && name !== 'wrapper.py').sort()
  const first = PYTHON_FIRST.filter((name) => scripts.includes(name))
  const pythonMarks = [...strong, ...first, ...scripts.filter((name) => !first.includes(name))]
  const marked = nodeFile !== undefined || strong.length > 0 || names.includes(SETTINGS_FILE)
  return marked || pythonMarks.length > 0 ? { nodeFile, pythonMarks, marked } : undefined
}

/** True when this entry of the folder publishes a model in the way that DEEPaaS looks for. */
async function namesDeepaas(folder: string, name: string): Promise<boolean> {
  const isInfo = /\.(dist|egg)-info$/.test(name)
  if (!isInfo && !PROJECT_FILES.has(name)) return false
  const path = join(folder, name, isInfo ? 'entry_points.txt' : '')
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.includes(DEEPAAS_GROUP)
}

async function sourceOf(folder: string, { nodeFile, pythonMarks }: Candidate): Promise<ModelSource> {
  const label = basename(folder)
  const at = (name: string): string => join(folder, name)
  const pythonPath = at(pythonMarks[0] ?? SETTINGS_FILE)
  try {
    const settings = await readModelSettings(folder)
    const language = languageOf(settings, nodeFile)
    checkKeys(settings, language)
    if (language === 'python') return { path: pythonPath, label, language, settings }
    if (nodeFile === undefined) {
      throw new ModelSettingsError([
        `${SETTINGS_FILE}: convention: there is no model.ts (or .mts, .js, .mjs) beside it`,
      ])
    }
    return { path: at(nodeFile), label, language, settings }
  } catch (error) {
    if (!(error instanceof ModelSettingsError)) throw error
    const language = nodeFile === undefined ? 'python' : 'node'
    return { path: nodeFile === undefined ? pythonPath : at(nodeFile), label, language, settings: {}, fault: error }
  }
}

/** `model.ts` wins unless the settings say that it is a Python model. */
function languageOf({ convention, ref }: ModelSettings, nodeFile: string | undefined): ModelSource['language'] {
  if (convention !== undefined) return convention === 'typescript' ? 'node' : 'python'
  return nodeFile !== undefined && ref === undefined ? 'node' : 'python'
}

/**
 * False for a model whose folder has a lockfile of its own but no installed packages. Such a model is skipped, not
 * tried: its packages are too large to make everyone wait for them.
 */
export function isInstalled({ path }: Pick<ModelSource, 'path'>): boolean {
  const folder = dirname(path)
  return !existsSync(join(folder, 'package-lock.json')) || existsSync(join(folder, 'node_modules'))
}
