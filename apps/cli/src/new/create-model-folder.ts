/**
 * Copies a template to a folder of its own. The templates lie beside this file, one folder per convention; in their
 * names `__module__`, in their text `{{name}}` and `{{module}}`, stand for the name of the new model.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { modelNameSchema } from '@millrace/contracts'
import { CommandError, UsageError } from '../command/command-error.ts'

export const CONVENTIONS = ['typescript', 'cog', 'ai_integration', 'deepaas', 'aiges', 'predict'] as const

export interface CreateModelFolderOptions {
  name: string
  convention: (typeof CONVENTIONS)[number]
  /** Folder that the new one is made in; made too if need be. */
  parent: string
}

const TEMPLATES = fileURLToPath(new URL('templates', import.meta.url))
/** So that no tool takes a template for a part of the program. */
const ENDING = '.template'

/** Resolves with the new folder and its files. Throws UsageError for a name, CommandError when the folder is there. */
export async function createModelFolder({ name, convention, parent }: CreateModelFolderOptions) {
  if (!modelNameSchema.safeParse(name).success) {
    throw new UsageError(`"${name}" is no name for a model: lower case letters, digits and dashes, a letter first`)
  }
  const folder = join(parent, name)
  if (existsSync(folder)) throw new CommandError('folder_exists', `${folder} is there already; nothing was changed`)
  const module = name.replaceAll('-', '_')
  const filled = (text: string): string => text.replaceAll('{{name}}', name).replaceAll('{{module}}', module)
  const root = join(TEMPLATES, convention)
  const files: string[] = []
  for (const path of await filesBelow(root)) {
    const file = relative(root, path).slice(0, -ENDING.length).replaceAll('__module__', module)
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), filled(await readFile(path, 'utf8')), { flag: 'wx' })
    files.push(file)
  }
  return { folder, files: files.sort() }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ENDING))
    .map((entry) => join(entry.parentPath, entry.name))
}
