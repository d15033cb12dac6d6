import { readdirSync, readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startRedis, type TestRedis } from '../../../../../test/support/servers/redis-server.ts'
import { defineScript } from '../define-scripts.ts'
import { renderScript } from '../render-script.ts'
import {
  type Arguments,
  digits,
  fields,
  flag,
  json,
  list,
  number,
  optional,
  rows,
  text,
} from './wire/argument-kinds.ts'
import type { Script } from './declare-script.ts'
import { PROBE_SCRIPT } from './probe-script.ts'
import { readArguments } from './wire/read-arguments.ts'
import { hash, numeric, outcomes, truth, tuple } from './wire/reply-kinds.ts'
import { SCRIPT_CONSTANTS } from './script-constants.ts'
import { SCRIPTS } from './scripts.ts'
import { writeArguments } from './wire/write-arguments.ts'

const FOLDER = new URL('../', import.meta.url)
const FILES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.lua'))
/** The code of a file: without comments. */
const codeOf = (file: string): string =>
  readFileSync(new URL(file, FOLDER), 'utf8')
    .split('\n')
    .map((line) => line.replace(/^ *--.*$/, ''))
    .join('\n')
const withoutTexts = (code: string): string => code.replaceAll(/'[^']*'/g, "''")
const DECLARED = { ...SCRIPTS, probe: PROBE_SCRIPT } as unknown as Record<string, Script>

describe('the scripts', () => {
  it('are all declared, and each declaration has its script', () => {
    const scripts = FILES.filter((file) => !/(^|\/)(prelude|reserve)\.lua$/.test(file))
    expect(Object.keys(DECLARED).sort()).toEqual(scripts.map((file) => file.replace('.lua', '')).sort())
    expect(scripts.length).toBeGreaterThan(25)
  })

  it('name no large figure and no channel of their own: these are constants', () => {
    const bare = FILES.flatMap((file) => [
      ...[...withoutTexts(codeOf(file)).matchAll(/\b(0x[0-9a-f]+|\d[\d.]*(e\d+)?)\b/gi)]
        .filter(([figure]) => Number(figure) >= 1000)
        .map(([figure]) => `${file}: ${figure}`),
      ...[...codeOf(file).matchAll(/'mr:[^']*'/g)].map(([channel]) => `${file}: ${channel}`),
    ])
    expect(bare).toEqual([])
  })

  it('take their arguments by name alone', () => {
    expect(FILES.filter((file) => /\bARGV\b/.test(codeOf(file)))).toEqual([])
    expect(FILES.filter((file) => /\bKEYS\b/.test(codeOf(file)))).toEqual(['reserve.lua'])
  })

  it('know each constant that they use, and no constant is there for nothing', () => {
    const used = new Set(FILES.flatMap((file) => withoutTexts(codeOf(file)).match(/\b[A-Z][A-Z0-9_]+\b/g) ?? []))
    const own = FILES.flatMap((file) => [...codeOf(file).matchAll(/^local ([A-Z0-9_]+)\b/gm)].map(([, name]) => name))
    const known = Object.keys(SCRIPT_CONSTANTS)
    const unknown = [...used].filter((name) => ![...known, ...own, 'KEYS'].includes(name))
    const idle = known.filter((name) => !used.has(name))
    expect({ unknown, idle }).toEqual({ unknown: [], idle: [] })
  })

  it.each(Object.entries(DECLARED))('%s uses all that it is told, and nothing that it is not', (name, script) => {
    const lua = renderScript(name, script).replace(readArguments(script.args), '')
    const names = (args: Arguments): string[] =>
      Object.entries(args).flatMap(([one, argument]) => [one, ...(argument.kind === 'rows' ? names(argument.of) : [])])
    const declared = Object.keys(script.args)
    const used = [...lua.matchAll(/\bargs\.([a-z_0-9]+)/g)].map(([, one]) => one ?? '')
    expect(used.filter((one) => !declared.includes(one))).toEqual([])

    const routed = new Set<string>()
    const spy = new Proxy({}, { get: (_, one) => (routed.add(String(one)), 'job_00000000') })
    script.shard(spy as never)
    expect(declared.filter((one) => !used.includes(one) && !routed.has(one))).toEqual([])
    expect(names(script.args).filter((one) => LUA_WORDS.has(one))).toEqual([])
  })
})

const LUA_WORDS = new Set(
  'and break do else elseif end false for function if in local nil not or repeat return then true until while'.split(
    ' ',
  ),
)

describe('what goes over the border', () => {
  let server: TestRedis
  let redis: Redis

  beforeAll(async () => {
    server = await startRedis({ appendonly: false })
    redis = new Redis(server.url)
  })
  afterAll(async () => {
    redis.disconnect()
    await server.stop()
  })

  /** Runs Lua with these arguments. */
  const run = <A extends Arguments>(declared: A, given: object, lua: string): Promise<unknown> =>
    redis.eval(`${readArguments(declared)}\n${lua}`, 1, 'k', ...writeArguments(declared, given))

  const HARD = [
    '',
    ' ',
    '[]',
    '{}',
    '0',
    '1e400',
    '9007199254740993',
    '0.1',
    '-0',
    'ä\u0000\n"\\',
    '\u{1f600}',
    "'] ]=]",
  ]

  it('is every text byte for byte, however long', async () => {
    for (const hard of [...HARD, 'x'.repeat(3_000_000)]) {
      expect(
        await run({ one: text(), two: text() }, { one: hard, two: 'after' }, 'return { args.one, args.two }'),
      ).toEqual([hard, 'after'])
    }
  })

  it('is JSON as it was written: empty lists, empty objects, large numbers and fractions', async () => {
    const value = {
      list: [],
      object: {},
      large: Number.MAX_SAFE_INTEGER,
      fraction: 0.1 + 0.2,
      deep: [[[{}]]],
      no: null,
    }
    expect(await run({ value: json() }, { value }, 'return args.value')).toBe(JSON.stringify(value))
  })

  it('is a number that Lua reckons with, or digits that it leaves alone', async () => {
    const declared = { n: number(), d: digits(), no: optional(number()), yes: flag(), not_so: flag() }
    const given = { n: 2 ** 53 - 2, d: 2 ** 53 - 1, yes: true, not_so: false }
    const lua =
      "return { string.format('%.0f', args.n + 1), args.d, tostring(args.no), tostring(args.yes), tostring(args.not_so) }"
    expect(await run(declared, given, lua)).toEqual(['9007199254740991', '9007199254740991', 'nil', 'true', 'false'])
  })

  it('is lists, fields and rows in any number, with single arguments declared between them', async () => {
    const declared = {
      first: list(text()),
      one: text(),
      jobs: rows({ id: text(), fields: fields(), at: number(), names: list(text()), idem: optional(text()) }),
      last: list(digits()),
      two: optional(text()),
    }
    const job = (id: string, n: number) => ({
      ...{ id, at: n, names: HARD.slice(0, n), fields: { a: 1, b: undefined, c: HARD[9] } },
      idem: n === 0 ? undefined : 'key',
    })
    const lua = 'return cjson.encode(args)'
    for (const count of [0, 1, 3]) {
      const jobs = Array.from({ length: count }, (_, n) => job(`job ${n}`, n))
      const given = { first: HARD, one: 'one', jobs, last: [1, 2], two: 'two' }
      const seen = JSON.parse(String(await run(declared, given, lua))) as typeof given
      const list = (values: unknown[]) => (values.length > 0 ? values : {})
      expect(seen).toEqual({
        ...{ first: HARD, one: 'one', last: ['1', '2'], two: 'two' },
        jobs: list(
          jobs.map(({ fields: { c }, names, ...rest }) => ({
            ...rest,
            names: list(names),
            fields: ['a', '1', 'c', c],
          })),
        ),
      })
    }
  })

  it('says which script answered what its declaration does not say', async () => {
    const publish = { ...SCRIPTS['models/publish'], reply: z.string() }
    const run = defineScript(redis, 'models/publish', publish)
    const lines = { lines: ['v:1'], places: 1, prediction: '', training: '' }
    const answered = run({ model: 'm', version: '1', worker: 'w', manifest: {} as never, ...lines })
    await expect(answered).rejects.toThrow('the script models/publish answered what its declaration does not say')
    await expect(answered).rejects.toBeInstanceOf(TypeError)
  })
})

describe('an answer', () => {
  it('gets its names and types back', () => {
    const schema = outcomes({ kept: { object: z.string(), at: numeric }, gone: {}, seen: { fields: hash } })
    expect(schema.parse(['kept', 'o', '12'])).toEqual({ outcome: 'kept', object: 'o', at: 12 })
    expect(schema.parse(['gone'])).toEqual({ outcome: 'gone' })
    expect(schema.parse(['seen', ['a', '1', 'b', '']])).toEqual({ outcome: 'seen', fields: { a: '1', b: '' } })
    expect(tuple({ more: truth, count: z.number() }).parse([1, 3])).toEqual({ more: true, count: 3 })
  })

  it('is refused where it is another one', () => {
    const schema = outcomes({ kept: { object: z.string() }, gone: {} })
    for (const bad of [['lost'], [], 'gone', null, ['kept'], ['kept', 1]])
      expect(schema.safeParse(bad).success).toBe(false)
    expect(truth.safeParse(2).success).toBe(false)
    expect(tuple({ a: z.number() }).safeParse([1, 2]).success).toBe(false)
  })
})
