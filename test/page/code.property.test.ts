import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { runInNewContext } from 'node:vm'
import type { Upload } from '@millrace/client'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { writeFileSync } from 'node:fs'
import { readInput } from '../../apps/cli/src/input/read-input.ts'
import { makeControl } from '../../apps/web/src/form/controls/make-control.ts'
import { type JsonObject, toJson, writeJson } from '../../apps/web/src/json/json.ts'
import { SECRET, type ShownCall, withoutSecrets } from '../../apps/web/src/code/shown-call.ts'
import { PYTHON, TYPESCRIPT, writeLiteral } from '../../apps/web/src/code/write-literal.ts'
import { writeCli } from '../../apps/web/src/code/write-cli.ts'
import { writeCurl } from '../../apps/web/src/code/write-curl.ts'
import { writePython, writeTypeScript } from '../../apps/web/src/code/write-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-code-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const NAMES = ['scan.png', "it's a.png", 'a;type=text.png', 'a,"b.png', '$(x) `y`.png', '-.png']
mkdirSync(join(folder, 'files'))
for (const name of NAMES) writeFileSync(join(folder, 'files', name), 'x')

const file = { type: 'string', format: 'file', contentMediaType: '*/*' }
const input_schema = {
  type: 'object',
  properties: {
    text: { type: 'string' },
    count: { type: ['integer', 'string', 'boolean'] },
    ratio: { type: 'number' },
    flag: { type: 'boolean' },
    lang: { enum: ['eng', 1] },
    token: { type: 'string', format: 'password' },
    tags: { type: 'array', items: { type: 'string' } },
    options: { type: 'object', properties: { size: { type: 'integer' }, mask: file } },
    image: file,
    version: file,
    pages: { type: 'array', items: file },
    either: { anyOf: [{ type: 'integer' }, { type: 'string' }] },
  },
}
const control = makeControl(input_schema)

const hard = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom("'", '$HOME `x` \\ "', '@bob', 'a=b:=c', '\n', ';type=x', '<in', '-', '', '\u202Etxt'),
)
const local = fc.constantFrom(...NAMES)
const given = fc.record(
  {
    text: hard,
    count: fc.integer(),
    ratio: fc.double({ noNaN: true, noDefaultInfinity: true }),
    flag: fc.boolean(),
    lang: fc.constantFrom('eng', 1),
    tags: fc.array(hard, { maxLength: 3 }),
    options: fc.record({ size: fc.integer(), mask: local }, { requiredKeys: [] }),
    image: local,
    version: local,
    pages: fc.array(local, { minLength: 1, maxLength: 3 }),
    either: fc.oneof(fc.integer(), hard),
  },
  { requiredKeys: [] },
)

/** A call in which each file stands as its id and is known by its name. */
function callOf(value: Record<string, unknown>): { call: ShownCall; value: Record<string, unknown> } {
  const files = new Map<string, string>()
  const named = (place: unknown, pointer: string): unknown => {
    if (typeof place !== 'string') return place
    files.set(pointer, place)
    return `file_${String(files.size).padStart(26, '0')}`
  }
  const sent: Record<string, unknown> = { ...value }
  for (const key of ['image', 'version']) if (key in sent) sent[key] = named(sent[key], `/${key}`)
  if (Array.isArray(sent.pages)) sent.pages = sent.pages.map((page, at) => named(page, `/pages/${at}`))
  const options = sent.options as { mask?: string } | undefined
  if (options?.mask !== undefined) sent.options = { ...options, mask: named(options.mask, '/options/mask') }
  const input = toJson(sent) as JsonObject
  return {
    call: { url: 'http://h:1/ml', model: 'm', control, input, files, options: new Map(), withKey: false },
    value: sent,
  }
}

const calls = fc
  .sample(given, { numRuns: 120, seed: Date.now() })
  .map((value) => callOf(JSON.parse(JSON.stringify(value)) as object as Record<string, unknown>))

/** The words of each command, as a shell reads them. */
function inShell(name: string, commands: string[]): string[][] {
  const script = `${name}() { printf '%s\\0' "$@"; printf '\\1\\0'; }\n${commands.join('\n')}`
  const words = execFileSync('sh', [], { input: script, encoding: 'utf8', maxBuffer: 1e8 }).split('\0')
  const found: string[][] = [[]]
  for (const word of words.slice(0, -1))
    if (word === '\u0001') found.push([])
    else found.at(-1)!.push(word)
  return found.slice(0, -1)
}

it('shows a curl command whose words are the input again', () => {
  const usable = calls.filter(({ value }) => !writeJson(toJson(value)!).includes('\\u0000'))
  const all = inShell(
    'curl',
    usable.map(({ call }) => writeCurl(call)),
  )
  for (const [at, words] of all.entries()) {
    const { call, value } = usable[at]!
    expect(words[0]).toBe('http://h:1/ml/v1/models/m/jobs')
    const files = new Map<string, string>()
    let input: unknown = {}
    for (let word = 1; word < words.length; word += 2) {
      const text = words[word + 1]!
      if (words[word] === '-d') input = (JSON.parse(text) as { input: unknown }).input
      if (words[word] === '--form-string') input = JSON.parse(text.slice('input='.length))
      const [, name = '', path = ''] = words[word] === '-F' ? (/^([^=]+)=@(.*)$/s.exec(text) ?? []) : []
      if (name) files.set(name.startsWith('/') ? name : `/${name}`, fileName(path))
    }
    expect(files).toEqual(call.files)
    expect(placed(input, files, value)).toEqual(value)
  }
})

/** The input with files put back where the parts of the form stand. */
function placed(input: unknown, files: ReadonlyMap<string, string>, value: Record<string, unknown>): unknown {
  const full = structuredClone(input) as Record<string, unknown>
  for (const pointer of files.keys()) {
    const [, key = '', below] = pointer.split('/')
    if (below === undefined || key === 'pages') full[key] = value[key]
    else full[key] = { ...(full[key] as object), [below]: (value[key] as Record<string, unknown>)[below] }
  }
  return full
}

it('shows a command line that millrace reads as the input again', () => {
  const usable = calls.filter(
    ({ call }) => !(writeCli(call) ?? '\0').includes('\0') && !/\p{Surrogate}/u.test(writeCli(call)!),
  )
  expect(usable.length).toBeGreaterThan(30)
  const cwd = process.cwd()
  const all = inShell(
    'npx',
    usable.map(({ call }) => writeCli(call)!),
  )
  try {
    process.chdir(join(folder, 'files'))
    for (const [at, words] of all.entries()) {
      const { call, value } = usable[at]!
      expect(words.slice(0, 3)).toEqual(['millrace', 'submit', 'm'])
      const read = readInput(words.slice(3, -2), { name: 'm', input_schema }) as Record<string, unknown>
      const ids = new Map([...call.files].map(([pointer, name]) => [pointer, name]))
      expect(namesIn(read)).toEqual(namesIn(value, ids))
    }
  } finally {
    process.chdir(cwd)
  }
})

/** Files as their names: those of the command are read from the disk, those of the value are ids. Nested ones stay ids. */
function namesIn(value: unknown, ids = new Map<string, string>(), pointer = ''): unknown {
  if (typeof value !== 'object' || value === null)
    return pointer === '/options/mask' ? value : (ids.get(pointer) ?? value)
  if ('source' in value) return basename((value as Upload & { source: { path: string } }).source.path)
  if (Array.isArray(value)) return value.map((item, at) => namesIn(item, ids, `${pointer}/${at}`))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, namesIn(item, ids, `${pointer}/${key}`)]))
}

it('writes literals that TypeScript and Python read as the value again', () => {
  const values = fc.sample(fc.jsonValue(), 150).map((value) => JSON.parse(JSON.stringify(value)) as unknown)
  const none = new Map<string, string>()
  for (const value of values) {
    const literal = writeLiteral(toJson(value)!, TYPESCRIPT, none)
    expect(runInNewContext(`JSON.stringify(${literal})`), literal).toBe(JSON.stringify(value))
  }
  const list = values.map((value) => writeLiteral(toJson(value)!, PYTHON, none)).join(',\n')
  const program =
    'import ast,json,sys; print(json.dumps(ast.literal_eval(sys.stdin.buffer.read().decode("utf8", "surrogatepass"))))'
  const read = execFileSync('python3', ['-c', program], { input: `[${list}]`, encoding: 'utf8' })
  expect(JSON.parse(read)).toEqual(values)
})

it('shows no key, and of a secret only where it stands', () => {
  const input = toJson({ token: 'hush', text: 'a' }) as JsonObject
  const call: ShownCall = { ...callOf({}).call, input: withoutSecrets(control, input) as JsonObject, withKey: true }
  const codes = [writeCurl(call), writeCli(call)!, writeTypeScript(call), writePython(call)]
  for (const code of codes) {
    expect(code).not.toContain('hush')
    expect(code).toContain(SECRET)
  }
  expect(writeCurl(call)).toContain('"Authorization: Bearer $MILLRACE_API_KEY"')
  expect(writePython(call)).toContain('os.environ["MILLRACE_API_KEY"]')
})

/** As curl reads it: `;` and `,` end a name that is not quoted. */
const fileName = (path: string): string =>
  path.startsWith('"') ? path.slice(1, -1).replaceAll(/\\(.)/g, '$1') : (path.split(/[;,]/)[0] ?? '')
