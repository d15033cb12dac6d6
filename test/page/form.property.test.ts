import { createChecker } from '@millrace/schema'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Json, JsonNumber, toJson, writeJson } from '../../apps/web/src/json/json.ts'
import { makeControl } from '../../apps/web/src/form/controls/make-control.ts'
import { fillDraft } from '../../apps/web/src/form/draft/fill-draft.ts'
import { readForm } from '../../apps/web/src/form/draft/read-draft.ts'
import { draftFor, modelSchema, wildSchema } from './schemas.fixture.ts'

const isFile = (text: string): string | undefined => (text.startsWith('file_') ? 'image/png' : undefined)

it('says of nothing that it is right which the server refuses', async () => {
  let right = 0
  const filled = modelSchema.chain((schema) => draftFor(makeControl(schema)).map((draft) => ({ schema, draft })))
  await fc.assert(
    fc.asyncProperty(filled, async ({ schema, draft }) => {
      const { input, faults } = readForm(makeControl(schema), draft)
      const text = writeJson(input)
      // A file stands for anything where JSON is asked for, and the text box for JSON says nothing of what fits.
      if (faults.length > 0 || hasJson(draft)) return
      right++
      const checker = createChecker(schema, { files: 'texts', defaults: true, closed: true })
      const { faults: refused } = await checker.check({ value: JSON.parse(text), fileTypeOf: isFile, all: true })
      expect(refused ?? [], `${JSON.stringify(schema)} ${text}`).toEqual([])
    }),
    { numRuns: 200 },
  )
  expect(right).toBeGreaterThan(15)
})

it('gives back what it was filled with', () => {
  fc.assert(
    fc.property(
      modelSchema,
      fc.dictionary(fc.constantFrom('a', 'b', 'lang', 'x/y', 'more', '__proto__'), fc.jsonValue()),
      (schema, value) => {
        const control = makeControl(schema)
        const given = toJson(value)!
        const { input } = readForm(control, fillDraft(control, given))
        expect(holds(input, given), writeJson(input)).toBe(true)
      },
    ),
  )
})

it('is made of any schema, and read and filled, whatever the schema says', () => {
  fc.assert(
    fc.property(wildSchema, fc.jsonValue(), (schema, value) => {
      const control = makeControl(schema)
      readForm(control, undefined)
      const json = toJson(value)!
      const { input } = readForm(control, fillDraft(control, json))
      expect(input).toBeDefined()
    }),
    { numRuns: 300 },
  )
})

function hasJson(draft: unknown): boolean {
  return (
    JSON.stringify(draft, (_, value: unknown) => (value instanceof Map ? [...value.values()] : value))?.includes(
      '"kind":"json"',
    ) ?? false
  )
}

/** Whether nothing of what was given is lost or changed. A form may add what is required. */
function holds(found: Json | undefined, given: Json): boolean {
  if (given instanceof Map)
    return found instanceof Map && [...given].every(([key, part]) => holds(found.get(key), part))
  if (Array.isArray(given)) return Array.isArray(found) && given.every((item, at) => holds(found[at], item))
  // "3" is written as the number that it is taken for.
  const isSame = found !== undefined && writeJson(found) === writeJson(given)
  return isSame || (typeof given === 'string' && found instanceof JsonNumber && Number(given) === Number(found.text))
}
