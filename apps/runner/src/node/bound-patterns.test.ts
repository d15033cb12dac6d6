import { expect, it } from 'vitest'
import { z } from 'zod'
import { boundPatterns } from './bound-patterns.ts'

const bad = `${'a'.repeat(26)}!`

it('a pattern anywhere in a schema takes no longer than its text is long', async () => {
  const pattern = () => z.string().regex(/^(\w+\s?)*$/)
  const Tree: z.ZodType = z.lazy(() => z.object({ text: pattern().optional(), next: Tree.optional() }))
  const schema = z.object({
    plain: pattern(),
    list: z.array(z.union([z.number(), pattern()])).default([]),
    map: z.record(z.string().regex(/^(a+)+$/), z.number()),
    tree: Tree,
    piped: pattern().transform((text) => text.length),
  })
  await boundPatterns([schema, undefined])
  const began = performance.now()
  const value = { plain: bad, list: [bad], map: { [bad]: 1 }, tree: { next: { text: bad } }, piped: bad }
  const faults = schema.safeParse(value).error?.issues.map(({ path }) => path[0])
  expect(new Set(faults)).toEqual(new Set(['plain', 'list', 'map', 'tree', 'piped']))
  expect(performance.now() - began).toBeLessThan(3000)
  const fits = { plain: 'a b', list: ['a'], map: { aa: 1 }, tree: {}, piped: 'abc' }
  expect(schema.parse(fits)).toMatchObject({ plain: 'a b', piped: 3 })
})

it('what has no linear form, or a flag, is matched as before', async () => {
  const schema = z.object({ back: z.string().regex(/^(a)\1$/), any: z.string().regex(/^A$/i) })
  await boundPatterns([schema])
  expect(schema.safeParse({ back: 'aa', any: 'a' }).success).toBe(true)
  expect(schema.safeParse({ back: 'ab', any: 'a' }).success).toBe(false)
})
