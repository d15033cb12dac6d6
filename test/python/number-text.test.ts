/** `x-number-text`, held against Python itself. */
import { spawnSync } from 'node:child_process'
import { numberTextKeyword } from '@millrace/schema'
import fc from 'fast-check'
import { expect, it } from 'vitest'

/** One process judges all texts, as the conventions read them. */
const ORACLE = `
import decimal, json, math, sys
def whole(text):
    text = text.strip()
    value = int(text) if "." not in text else float(text)
    if int(value) != value: raise ValueError
    return int(value)
READERS = {"int": int, "whole": whole, "float": float, "decimal": decimal.Decimal}
def taken(reads, text, low, high):
    try:
        value = READERS[reads](text)
        return bool(value >= low and value <= high) if low is not None else True
    except (ValueError, OverflowError, decimal.InvalidOperation):
        return False
cases = json.load(sys.stdin)
print(json.dumps([taken(*case) for case in cases]))
`
const READS = ['int', 'whole', 'float', 'decimal'] as const
const LIMITS: [number | null, number | null][] = [
  [null, null],
  [-5, 1000],
]

function compare(texts: readonly string[]): void {
  const cases = READS.flatMap((reads) =>
    LIMITS.flatMap((limits) => texts.map((text) => [reads, text, ...limits] as const)),
  )
  const { stdout, stderr } = spawnSync('python3', ['-c', ORACLE], { input: JSON.stringify(cases), encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  const said = JSON.parse(stdout) as boolean[]
  for (const [at, [reads, text, low, high]] of cases.entries()) {
    const rule = { reads, minimum: low ?? undefined, maximum: high ?? undefined }
    expect([reads, low, text, numberTextKeyword.validate(rule, text)]).toEqual([reads, low, text, said[at]])
  }
}

it('takes the texts that Python takes, and no others', () => {
  const bodies = [
    '0',
    '7',
    '007',
    '1_000',
    '1__0',
    '_1',
    '1_',
    '12.5',
    '3.0',
    '3.',
    '.5',
    '.',
    '1e2',
    '1e',
    '1.5e1',
    '1e-2',
    '1E+3',
    '',
  ]
  const special = [
    'inf',
    'Infinity',
    'NAN',
    'nan1',
    'snan',
    'infinit',
    '0x10',
    '0b1',
    '1,5',
    '1 2',
    '--1',
    '+-1',
    '1e400',
    '1e-400',
    'lots',
    'True',
  ]
  const scripts = ['٣', '१२', '𝟜𝟚', '٣.٥', '½', '²', '1٣', '４_２', '٣e١']
  const around = ['', ' ', '\t', '\n', '\x1c', '\x85', '\xa0', '\u2003', '\u3000', '\ufeff', '\u200b', '\0', '_']
  const signed = [...bodies, ...special, ...scripts].flatMap((body) => ['', '-', '+', '−'].map((sign) => sign + body))
  compare([...signed, ...around.flatMap((space) => [`${space}7`, `7${space}`, `${space}-1.5${space}`, space])])
  compare(['9007199254740993', '1'.repeat(400), `${'0'.repeat(3000)}7`, '1'.repeat(4000)])
})

it('takes what Python takes of texts made of the same characters', () => {
  const char = fc.constantFrom(...'0179_+-.eE infatysNI\n٣'.split(''))
  const texts = fc.sample(fc.string({ unit: char, maxLength: 6 }), { numRuns: 3000 })
  compare(texts)
})
