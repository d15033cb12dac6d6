/**
 * Copies a template of a model to a new folder. The templates lie beside this file, one folder per convention. `__module__`
 * in their file names, and `{{name}}` and `{{module}}` in their text, stand for the name of the new model. Called by
 * `millrace new`.
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
  /** The folder in which the new folder is made. It is made too when it is missing. */
  parent: string
}

const TEMPLATES = fileURLToPath(new URL('templates', import.meta.url))
/** The ending keeps tools from taking a template for a part of the program. */
const ENDING = '.template'

/** Resolves with the new folder and its files. Throws UsageError for a wrong name, and CommandError when the folder exists. */
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
