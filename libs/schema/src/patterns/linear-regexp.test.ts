import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { linearRegExp } from './linear-regexp.ts'

const test = (pattern: string, text: string): boolean | undefined => linearRegExp(pattern)?.test(text)

it.each([
  ['^(\\w+\\s?)*$', 'a'],
  ['^(a+)+$', 'a'],
  ['(a|aa)+$', 'a'],
  ['^(.*)*x$', 'a'],
  ['\\s+$', ' '],
  ['a*a*a*a*a*b', 'a'],
  ['^(?=(a+)+$)', 'a'],
  ['^(\\w+\\s?)*(?=\\n?$)', 'a'],
  ['^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+$', 'a'],
])('%s takes no longer than its text is long', (pattern, letter) => {
  const regexp = linearRegExp(pattern)
  const began = performance.now()
  expect(regexp?.test(`${letter.repeat(100_000)}!`)).toBe(false)
  expect(performance.now() - began).toBeLessThan(1000)
})

it.each(['(a)\\1', '(?<=a)b', 'a*(?=b)c*', '(?:a|b(?!c))+', `a{${7000}}`, '(?<n>a)\\k<n>', 'a'.repeat(5000)])(
  '%s is left to others',
  (pattern) => expect(linearRegExp(pattern)).toBeUndefined(),
)

it('what is no pattern is a SyntaxError', () => {
  for (const pattern of ['(', '[b-a]', '\\', 'a{2,1}', '(?P<n>a)']) {
    expect(() => linearRegExp(pattern), pattern).toThrow(SyntaxError)
  }
})

/** Signs that the two engines read differently, and texts to try them on. */
const PIECES = [
  ...['\\s', '\\S', '\\d', '\\D', '\\w', '\\W', '.', '\\b', '\\B', '^', '$', '[^]', '[]', '[\\s\\d-]', '[^\\W_]'],
  ...[
    '\\u0041',
    '\\u{1F600}',
    '\\x41',
    '\\cJ',
    '\\0',
    '\\t',
    '\\v',
    '\\/',
    '\\-'.slice(1),
    'a',
    'A',
    'é',
    ' ',
    'K',
    's',
  ],
  ...[
    '\\p{L}',
    '\\P{L}',
    '\\p{Letter}',
    '\\p{Script=Greek}',
    '\\p{Lu}',
    '[\\p{Nd}a]',
    '[^\\n]',
    '\\.',
    '😀',
    '(?:)',
    '(x?)',
  ],
]
const CHARACTERS = [
  ...['a', 'A', 'b', '1', '_', '-', ' ', '\n', '\r', '\t', '\v', '\u00a0', '\u2028', '\ufeff', '\u0085', 'é', 'ß'],
  ...['α', 'Σ', '٣', '😀', '\u212a', 'ſ', '.', '/', '\0', 'x', '😀😀', 'aa'],
]
const piece = fc.constantFrom(...PIECES)
const { pattern: anyPattern } = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    piece,
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(${a}|${b})`),
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '*?', '{2}', '{0,3}', '{1,}', '{0}'))
      .map(([a, count]) => `(?:${a})${count}`),
    fc.tuple(fc.constantFrom('=', '!'), tie('pattern'), tie('pattern')).map(([how, a, b]) => `^(?${how}${a})${b}`),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `^x(?=${a})${b}`),
    fc.tuple(tie('pattern'), tie('pattern'), tie('pattern')).map(([a, b, c]) => `${a}(?:${b}(?=${c})|${c})`),
    tie('pattern').map((a) => `${a}(?=\\n?$)`),
  ),
}))

it('a text fits exactly when it fits for the language itself', () => {
  const text = fc.array(fc.constantFrom(...CHARACTERS), { maxLength: 8 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(anyPattern, fc.array(text, { minLength: 1, maxLength: 5 }), (pattern, texts) => {
      const linear = linearRegExp(pattern)
      if (!linear) return
      const native = new RegExp(pattern, 'u')
      for (const one of texts) expect({ one, fits: linear.test(one) }).toEqual({ one, fits: native.test(one) })
    }),
    { numRuns: 3000 },
  )
})

it('the patterns that zod writes are all taken, but one', () => {
  const formats = [
    ...[z.email(), z.uuid(), z.guid(), z.emoji(), z.base64(), z.base64url(), z.nanoid(), z.cuid(), z.cuid2(), z.ulid()],
    ...[
      z.ipv4(),
      z.ipv6(),
      z.cidrv4(),
      z.cidrv6(),
      z.e164(),
      z.iso.date(),
      z.iso.time(),
      z.iso.datetime(),
      z.hostname(),
    ],
  ]
  for (const format of formats) {
    const { pattern } = z.toJSONSchema(format)
    expect(linearRegExp(pattern as string), pattern).toBeDefined()
  }
})

it('letters match in either case when asked', () => {
  const regexp = linearRegExp('^[a-f]X[^m]$', true)
  expect(['aXx', 'Fxz', 'FxM', 'Gxz', 'fXm'].map((text) => regexp?.test(text))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
  expect(test('^a$', 'A')).toBe(false)
})
