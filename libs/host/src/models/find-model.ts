/**
 * Finds the one model that a command is asked to run: by its folder, its file or its name. Called by the author's commands
 * of the CLI.
 */
import { existsSync, statSync } from 'node:fs'
import { basename, dirname, extname, resolve } from 'node:path'
import { nearestName } from '@millrace/process'
import { discoverModels, ModelFolderError, modelIn, type ModelSource } from './discover-models.ts'

/** No model matches. The message says which models there are. */
export class NoSuchModelError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NoSuchModelError'
  }
}

/**
 * `place` is a model's folder, a file of it, or the name of a folder inside `models` (a setting like MILLRACE_MODELS). A
 * named Python file, or the one in `file.py:Name`, is the model whatever else the folder holds. Rejects with
 * NoSuchModelError or ModelFolderError.
 */
export async function findModel(place: string, models: string): Promise<ModelSource> {
  // A plain word names a model of the models folder. To name a file of that name, write ./word.
  const isName = /^[\w-]+$/.test(place)
  const named = isName ? await discoverModels(models).catch(ignoreFolder) : []
  const found = named.find(({ label, settings }) => settings.name === place || label === place)
  if (found) return found
  const [, file, object] = /^(.+\.py):([\w.]+)$/.exec(place) ?? []
  if (file !== undefined && existsSync(file)) return ofFile(resolve(file), object)
  const path = resolve(place)
  if (existsSync(path)) return statSync(path).isDirectory() ? ofFolder(path) : ofFile(path)
  const labels = named.map(({ label }) => label)
  const nearest = nearestName(place, labels)
  const there = labels.length > 0 ? `The models folder has ${labels.join(', ')}.` : `There is no model in ${models}.`
  throw new NoSuchModelError(
    `${place} is no folder, no file and no model${nearest ? `; did you mean ${nearest}?` : '.'} ${there}`,
  )
}

function ignoreFolder(error: unknown): ModelSource[] {
  if (error instanceof ModelFolderError) return []
  throw error
}

async function ofFolder(folder: string): Promise<ModelSource> {
  const source = await modelIn(folder)
  if (source) return source
  throw new NoSuchModelError(`${folder} holds no model: no model.ts, millrace.yaml, cog.yaml or Python file`)
}

async function ofFile(path: string, object?: string): Promise<ModelSource> {
  const source = await ofFolder(dirname(path))
  if (extname(path) !== '.py') return source
  const { settings, fault } = source
  if (fault) return source
  const file = basename(path)
  // The settings may say more about the file, such as the name of its class.
  const known = settings.ref?.split(':')[0] === file ? settings.ref : file
  const ref = object === undefined ? known : `${file}:${object}`
  return { ...source, path, language: 'python', settings: { ...settings, ref } }
}
