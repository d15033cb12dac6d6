import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Upload } from '@millrace/client'
import { afterAll, describe, expect, it } from 'vitest'
import { readInput } from './read-input.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-input-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const scan = join(folder, 'scan.png')
writeFileSync(scan, 'x')

const image = { type: 'string', format: 'file', contentMediaType: 'image/*' }
const input_schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    text: { type: 'string' },
    note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    count: { type: 'integer', minimum: 1, maximum: 9, default: 3 },
    seed: { type: 'integer' },
    ratio: { anyOf: [{ type: 'number' }, { type: 'null' }] },
    fast: { type: 'boolean' },
    lang: { enum: ['eng', 'deu'] },
    size: { enum: [256, 512] },
    options: { $ref: '#/$defs/options' },
    tags: { type: 'array', items: { type: 'string' } },
    image,
    pages: { type: 'array', items: image },
  },
  $defs: { options: { type: 'object' } },
}
const read = (...args: string[]) => readInput(args, { name: 'm', input_schema })

describe('readInput', () => {
  it.each([
    ['text=12', { text: '12' }],
    ['text=a=b:=c', { text: 'a=b:=c' }],
    ['text:="@bob"', { text: '@bob' }],
    ['text=bob@host', { text: 'bob@host' }],
    ['image=file_abc', { image: 'file_abc' }],
    ['image=https://example.com/a.png', { image: 'https://example.com/a.png' }],
    ['text=', { text: '' }],
    ['note=null', { note: 'null' }],
    ['note:=null', { note: null }],
    ['count=7', { count: 7 }],
    ['seed=9007199254740992', { seed: 2 ** 53 }],
    ['ratio=-1.5e3', { ratio: -1500 }],
    ['ratio=null', { ratio: null }],
    ['fast=false', { fast: false }],
    ['lang=deu', { lang: 'deu' }],
    ['size=512', { size: 512 }],
    ['options={"a":[1]}', { options: { a: [1] } }],
    ['tags=["a","b"]', { tags: ['a', 'b'] }],
    ['tags=a', { tags: ['a'] }],
    ['count:="x"', { count: 'x' }],
    ['image=data:image/png;base64,AA==', { image: 'data:image/png;base64,AA==' }],
  ])('reads %s as the schema has it', (arg, expected) => expect(read(arg)).toEqual(expected))

  it.each([
    'seed=18446744073709551615',
    'options={"id":9007199254740993}',
    'tags:=[1e999]',
    'ratio=1e-400',
    'ratio=1e400',
  ])('refuses to send another number than was meant: %s', (arg) =>
    expect(() => read(arg)).toThrow(/^\w+: \S+ cannot be kept exactly as a JSON number/),
  )

  it('takes files by path, several for a list', () => {
    const { image: one, pages } = read(`image=@${scan}`, `pages=@${scan}`, `pages=@${scan}`) as {
      image: Upload
      pages: Upload[]
    }
    expect([one.name, one.source]).toEqual(['scan.png', { path: scan }])
    expect(pages).toHaveLength(2)
  })

  it('takes what is in a file where the schema wants none, as if it had been typed', () => {
    const story = join(folder, 'story.txt')
    writeFileSync(story, 'Once,\n')
    const options = join(folder, 'options.json')
    writeFileSync(options, '{"a": 1}')
    expect(read(`text=@${story}`, `options=@${options}`)).toEqual({ text: 'Once,\n', options: { a: 1 } })
    expect(() => read(`count=@${story}`)).toThrow('count: expected whole number (1 to 9), got "Once,\\n"')
    const bytes = join(folder, 'bytes.bin')
    writeFileSync(bytes, Buffer.from([0x41, 0xff]))
    expect(() => read(`text=@${bytes}`)).toThrow('is no text, and text takes no file')
    const pickled = join(folder, 'text.pkl')
    writeFileSync(pickled, 'x')
    expect(() => read(`text=@${pickled}`)).toThrow('is a pickle')
  })

  it.each([
    [
      'text=@missing',
      `text: missing is no file that can be read; where the text itself is meant, write text:='"@missing"'`,
    ],
    ['tags=@missing', 'tags: missing is no file'],
    ['options=@missing', 'options: missing is no file'],
    ['ratio=0x10', 'ratio: expected number or null'],
    ['count=1.5', 'count: expected whole number (1 to 9), got "1.5"'],
    ['ratio=', 'ratio: expected number or null, got ""'],
    ['fast=yes', 'fast: expected true or false, got "yes"'],
    ['lang=fra', 'lang: expected "eng" or "deu", got "fra"'],
    ['options=[1]', 'options: expected object, got "[1]"'],
    ['tags=[1', 'tags: expected list of text'],
    ['count:=x', 'count: expected JSON after :=, got "x"'],
    ['image=scan.png', 'a file is written image=@path, or by the id or address of one'],
    [`image=@${folder}`, `image: ${folder} is no file that can be read`],
    ['txet=a', 'm takes no "txet"; did you mean "text"?'],
    ['text', 'text: write key=value'],
    ['__proto__=1', 'm takes no "__proto__"'],
  ])('refuses %s and says what was expected', (arg, message) => expect(() => read(arg)).toThrow(message))

  it('takes what an open schema does not name, and says when that was probably meant otherwise', () => {
    const hints: string[] = []
    const open = { name: 'm', input_schema: { ...input_schema, additionalProperties: true } }
    const given = ['coutn=7', 'text=a', 'something_else=1']
    expect(readInput(given, open, (text) => hints.push(text))).toEqual({ coutn: 7, text: 'a', something_else: 1 })
    expect(hints).toEqual(['m has no input "coutn"; did you mean "count"?'])
  })

  it('refuses a pickle by its name and by its first bytes, and says what to send instead', () => {
    const [named, hidden] = [join(folder, 'data.pkl'), join(folder, 'data.bin')]
    writeFileSync(named, 'x')
    writeFileSync(hidden, Buffer.from([0x80, 0x04, 0x95, 0x00]))
    for (const path of [named, hidden]) {
      expect(() => read(`image=@${path}`)).toThrow('is a pickle')
      expect(() => read(`image=@${path}`)).toThrow('Send values as JSON')
    }
    const jpeg = join(folder, 'a.jpg')
    writeFileSync(jpeg, Buffer.from([0xff, 0xd8]))
    expect(() => read(`image=@${jpeg}`)).not.toThrow()
  })

  it('refuses a key that is given twice, unless it is a list', () => {
    expect(() => read('text=a', 'text=b')).toThrow('text is given twice')
    expect(read('tags=a', 'tags=["b","c"]')).toEqual({ tags: ['a', 'b', 'c'] })
  })

  it('cannot reach a prototype of an open input', () => {
    const input = readInput(['__proto__:={"polluted":1}'], { name: 'm', input_schema: { type: 'object' } })
    expect(Object.keys(input)).toEqual(['__proto__'])
    expect((input as { polluted?: number }).polluted).toBeUndefined()
  })
})
