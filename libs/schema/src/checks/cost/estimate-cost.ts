/**
 * What checks by a schema may cost, found out from the schema alone. A check that may take long is done in a thread that
 * can be stopped; and its author is told what makes it slow. Called once per schema, by create-checker.ts.
 */
import { linearRegExp } from '../../patterns/linear-regexp.ts'
import { SchemaIndex } from '../../schema-index.ts'
import type { Schema } from '../../subschemas.ts'
import { growsByLevel } from './grows-by-level.ts'
import { mostTogether, type Weight } from './most-together.ts'

/** Something about a schema that its author should know, in a sentence. */
export interface CostNote {
  code: 'pattern' | 'growth' | 'size'
  message: string
}

export interface SchemaCost {
  /** Whether any check, and making the validator, may take long whatever the value: never done in the event loop. */
  isCostly: boolean
  /** What one value in the checked one costs at most, and one character of its texts. Microseconds, roughly. */
  perValue: number
  perCharacter: number
  notes: CostNote[]
}

/** Schemas within the schema, and their keywords, whose validator is made in less than 10 ms. */
const MAX_SCHEMAS = 150
const MAX_KEYWORDS = 1500
/** Places of all patterns together; see TextTest. */
const MAX_PATTERN_SIZE = 600
/** Deep enough to tell growth from none. */
const SHOWN = 60

const US_PER_KEYWORD = 0.05
/** Of each value in a list whose items must differ; see linear-keywords.ts. */
const US_PER_COMPARED = 1
/** Of the slowest texts for a pattern; usual ones take a tenth. */
const US_PER_PLACE = 0.015

/** Formats whose expressions backtrack. All others of ours are linear: see build-validator.test.ts. */
export const COSTLY_FORMATS: ReadonlySet<unknown> = new Set(['url'])

/** Never throws: what is no schema is found out by whoever compiles it. */
export function estimateCost(root: Schema): SchemaCost {
  const index = new SchemaIndex(root)
  const notes: CostNote[] = []
  const weights = new Map<Schema, Weight>()
  let [keywords, places, compared] = [0, 0, 0]
  for (const schema of index.schemas) {
    const patterns = patternsOf(schema).map((pattern) => sizeOf(pattern, notes))
    const size = patterns.reduce((sum, one) => sum + one, 0)
    if (COSTLY_FORMATS.has(schema.format)) notes.push(costlyFormat(String(schema.format)))
    const own = keywordsOf(schema)
    keywords += own
    places += size
    if (schema.uniqueItems === true) compared = US_PER_COMPARED
    weights.set(schema, { perValue: own * US_PER_KEYWORD, perCharacter: size * US_PER_PLACE + lengthsOf(schema) })
    if (weights.size > MAX_SCHEMAS || keywords > MAX_KEYWORDS || places > MAX_PATTERN_SIZE) return LARGE
  }
  if (growsByLevel(index)) notes.push(GROWTH)
  const isCostly = notes.some(({ code }) => code === 'pattern')
  const { perValue, perCharacter } = mostTogether(index, weights)
  return { isCostly, perValue: perValue + compared, perCharacter, notes }
}

/** It is not looked through any further. */
export const LARGE: SchemaCost = {
  isCostly: true,
  perValue: Number.POSITIVE_INFINITY,
  perCharacter: Number.POSITIVE_INFINITY,
  notes: [{ code: 'size', message: 'it is large: many schemas, names or long patterns' }],
}

const GROWTH: CostNote = {
  code: 'growth',
  message:
    'its references lead back to themselves by more than one branch, so a plain validator takes twice as long with each ' +
    'level of a value; give the branches a field that tells them apart, such as z.discriminatedUnion does',
}

const costlyFormat = (format: string): CostNote => ({
  code: 'pattern',
  message: `the format ${format} can take very long for some texts; use uri`,
})

function patternsOf({ pattern, patternProperties }: Schema): string[] {
  const keys = typeof patternProperties === 'object' && patternProperties !== null ? Object.keys(patternProperties) : []
  return typeof pattern === 'string' ? [pattern, ...keys] : keys
}

function sizeOf(pattern: string, notes: CostNote[]): number {
  try {
    const linear = linearRegExp(pattern)
    if (linear) return linear.size
  } catch {
    return 0
  }
  const shown = pattern.length > SHOWN ? `${pattern.slice(0, SHOWN)}…` : pattern
  const message =
    `the pattern ${shown} can take very long for some texts: it looks around or refers back, or is very large; ` +
    'without that it is matched in linear time'
  notes.push({ code: 'pattern', message })
  return 0
}

/** Each keyword, and each name in it that is looked up. */
function keywordsOf(schema: Schema): number {
  let count = 1
  for (const [keyword, value] of Object.entries(schema)) {
    count += 1
    if (keyword === 'enum' || keyword === 'const' || keyword === 'examples' || keyword === 'default') continue
    if (Array.isArray(value)) count += value.length
    else if (typeof value === 'object' && value !== null) count += Object.keys(value).length
  }
  return count
}

/** Keywords that read a whole text once. */
function lengthsOf(schema: Schema): number {
  const read = ['minLength', 'maxLength', 'format', 'enum', 'uniqueItems', 'const'].filter((key) => key in schema)
  return read.length * 0.01
}
