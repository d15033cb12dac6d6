/** Reads the `millrace.yaml` of a model. Called by discover-models.ts. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nearestName } from '@millrace/process'
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { isPythonKey, type ModelSettings, modelSettingsSchema, TYPESCRIPT_KEYS } from './model-settings.ts'

export const SETTINGS_FILE = 'millrace.yaml'

/**
 * A `millrace.yaml` that can't be used. `message` has one line per fault: the file and line, the key, and what was expected.
 */
export class ModelSettingsError extends Error {
  readonly faults: string[]

  constructor(faults: string[]) {
    super(faults.join('\n'))
    this.name = 'ModelSettingsError'
    this.faults = faults
  }
}

/**
 * The settings reach the model as one argument of a command or one variable of its environment. Each holds at most 128 KB.
 * Bytes of JSON.
 */
const LARGEST = 96 * 1024

/**
 * Resolves with the settings in that folder's file, or with an empty object when there is none. Rejects with
 * ModelSettingsError.
 */
export async function readModelSettings(folder: string): Promise<ModelSettings> {
  const text = await readFile(join(folder, SETTINGS_FILE), 'utf8').catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return ''
    throw new ModelSettingsError([`${SETTINGS_FILE}: it cannot be read (${code})`])
  })
  return parseModelSettings(text)
}

/** Reads the settings from the text of the file. Throws ModelSettingsError. */
export function parseModelSettings(text: string): ModelSettings {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [broken] = document.errors
  if (broken) throw new ModelSettingsError([`${at(lines, broken.pos[0])}: no YAML: ${broken.message}`])
  const value = plainValue(document)
  const parsed = modelSettingsSchema.safeParse(value ?? {})
  if (parsed.success) return notTooLarge(parsed.data)
  throw new ModelSettingsError(parsed.error.issues.flatMap((issue) => faultsOf(issue, document, lines)))
}

/** Throws ModelSettingsError for keys that have no meaning in this language. */
export function checkKeys(settings: ModelSettings, language: 'node' | 'python'): void {
  const fits = language === 'python' ? isPythonKey : (key: string) => TYPESCRIPT_KEYS.has(key)
  const strangers = Object.keys(settings).filter((key) => !fits(key))
  if (strangers.length === 0) return
  const how =
    language === 'python'
      ? 'is for TypeScript models; this one is written in Python'
      : 'is for Python models; a TypeScript model says it in defineModel, or does not need it (if the Python files here are the model, say which `convention` they follow)'
  throw new ModelSettingsError(strangers.map((key) => `${SETTINGS_FILE}: ${key}: ${how}`))
}

function notTooLarge(settings: ModelSettings): ModelSettings {
  if (Buffer.byteLength(JSON.stringify(settings)) <= LARGEST) return settings
  throw new ModelSettingsError([
    `${SETTINGS_FILE}: it is larger than ${LARGEST / 1024} KB; put what is large into a file`,
  ])
}

function plainValue(document: Document): unknown {
  try {
    return document.toJS()
  } catch (error) {
    // Aliases that multiply too often end in this error.
    throw new ModelSettingsError([`${SETTINGS_FILE}: ${(error as Error).message}`])
  }
}

type Issue = z.core.$ZodIssue

function faultsOf(issue: Issue, document: Document, lines: LineCounter): string[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const known = path.length === 0 ? Object.keys(modelSettingsSchema.shape) : []
      const nearest = nearestName(key, known)
      const where = at(lines, offsetOf(document, [...path, key]))
      return `${where}: ${[...path, key].join('.')}: there is no such key${nearest ? `; did you mean ${nearest}?` : ''}`
    })
  }
  const where = at(lines, offsetOf(document, path))
  const key = path.length === 0 ? '' : `${path.join('.')}: `
  return [`${where}: ${key}${issue.message.replace(/^Invalid (input|option): /, '')}`]
}

const at = (lines: LineCounter, offset: number): string => `${SETTINGS_FILE}, line ${lines.linePos(offset).line}`

/** The position of the key at that path, or of the nearest thing around it. */
function offsetOf(document: Document, path: string[]): number {
  let node: unknown = document.contents
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step)
      if (!pair) return offset
      offset = (isNode(pair.key) && pair.key.range?.[0]) || offset
      node = pair.value
    } else {
      node = document.getIn(path.slice(0, path.indexOf(step) + 1), true)
      offset = (isNode(node) && node.range?.[0]) || offset
    }
  }
  return offset
}
