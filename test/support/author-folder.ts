/** A folder of models that changes while a test runs. Used by tests of what an author does. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGES = fileURLToPath(new URL('../../node_modules', import.meta.url))

export interface AuthorFolder {
  readonly dataDir: string
  readonly models: string
  /** Saves a file in the models folder as an editor does: it writes a file beside it and renames that. */
  save(path: string, text: string): void
  remove(path: string): void
  delete(): void
}

/** Makes a folder of models like an author's, with packages that can be imported, and a data folder beside it. */
export function makeAuthorFolder(): AuthorFolder {
  const root = mkdtempSync(join(tmpdir(), 'millrace-author-'))
  const models = join(root, 'models')
  mkdirSync(models)
  symlinkSync(PACKAGES, join(root, 'node_modules'))
  return {
    dataDir: join(root, 'data'),
    models,
    save(path, text) {
      const file = join(models, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(`${file}~`, text)
      renameSync(`${file}~`, file)
    },
    remove: (path) => rmSync(join(models, path), { recursive: true }),
    delete: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** The source of a model that takes `{ text }` and answers with `body`, an expression or block of JavaScript. */
export const modelSource = (options: {
  name: string
  version?: string
  body?: string
  setup?: string
  input?: string
  /** A JavaScript expression. */
  description?: string
  /** Statements before the model, such as imports. */
  head?: string
}) => `
import { defineModel } from '@millrace/model'
import { z } from 'zod'
${options.head ?? ''}
  export default defineModel({
  name: '${options.name}',
  version: '${options.version ?? '1.0.0'}',
  description: ${options.description ?? "''"},
  input: z.object({ ${options.input ?? 'text: z.string()'} }),
  output: z.object({ text: z.string() }),
  setup: async () => { ${options.setup ?? ''} },
  predict: async (input, _model, ctx) => (${options.body ?? '{ text: input.text.toUpperCase() }'}),
})
`
