/**
 * Estimates from a schema alone how long checks by it may take. A check that may take long runs in a thread that can be
 * stopped, and the author is told what makes it slow. Called once per schema, by create-checker.ts and cost-notes.ts.
 */
import { linearRegExp } from '../../patterns/linear-regexp.ts'
import { SchemaIndex } from '../../schema-index.ts'
import type { Schema } from '../../subschemas.ts'
import { growsByLevel } from './grows-by-level.ts'
import { mostTogether, type Weight } from './most-together.ts'

/** A sentence about a schema that tells its author why checks are slow. */
export interface CostNote {
  code: 'pattern' | 'growth' | 'size'
  message: string
}

export interface SchemaCost {
  /** True when a check, or making the validator, may take long for some values: then it never runs in the event loop. */
  isCostly: boolean
  /** Upper bounds, roughly, in microseconds: for each part of the checked value, and for each character of its texts. */
  perValue: number
  perCharacter: number
  notes: CostNote[]
}

/** Limits on the schemas and keywords inside a schema: up to these, the validator is made in less than 10 ms. */
const MAX_SCHEMAS = 150
const MAX_KEYWORDS = 1500
/** Limit on the sizes of all patterns together; see `TextTest.size`. */
const MAX_PATTERN_SIZE = 600
/** A pattern is cut to this many characters when it is shown. */
const SHOWN = 60

const US_PER_KEYWORD = 0.05
/** For each value in a list with `uniqueItems`; see linear-keywords.ts. */
const US_PER_COMPARED = 1
/** For the texts that are slowest for a pattern. Usual texts take a tenth of it. */
const US_PER_PLACE = 0.015

/** Formats whose regular expressions backtrack. All other formats here are linear: build-validator.test.ts checks it. */
export const COSTLY_FORMATS: ReadonlySet<unknown> = new Set(['url'])

/** Never throws. A schema that is not valid is found out later, when it is compiled. */
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

/** The answer for a schema that is too large to look through. */
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

/** Counts each keyword, and each name in it that a check must look up. */
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

/** Counts the keywords that read a whole text once. */
function lengthsOf(schema: Schema): number {
  const read = ['minLength', 'maxLength', 'format', 'enum', 'uniqueItems', 'const'].filter((key) => key in schema)
  return read.length * 0.01
}
