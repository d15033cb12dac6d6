import { execFileSync } from 'node:child_process'
import { manifestSchema } from '@millrace/contracts'
import { expect, test } from 'vitest'
import { exampleRequest } from './example-request.ts'

const manifestOf = (input: object) =>
  manifestSchema.parse({ name: 'shout', version: '1', input_schema: input, output_schema: {} })

/** The arguments that a shell makes of it, one per line. */
const inShell = (command: string) =>
  execFileSync('sh', ['-c', command.replace(/^curl/, `printf '%s\\n'`)], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')

test('required values are filled with what the schema allows, and survive the shell', () => {
  const manifest = manifestOf({
    type: 'object',
    properties: {
      text: { type: 'string', examples: ["it's"] },
      size: { type: 'integer', minimum: 3 },
      lang: { enum: ['eng', 'deu'] },
      speed: { type: 'number', default: 1 },
      hint: { type: 'string' },
      box: { $ref: '#/$defs/box' },
    },
    required: ['text', 'size', 'lang', 'speed', 'box'],
    $defs: { box: { type: 'object', properties: { self: { $ref: '#/$defs/box' } } } },
  })
  const args = inShell(exampleRequest('http://127.0.0.1:7070', manifest, false))
  expect(args.at(-1)).toBe('http://127.0.0.1:7070/v1/models/shout/jobs')
  expect(JSON.parse(args[args.indexOf('-d') + 1] ?? '')).toEqual({
    input: { text: "it's", size: 3, lang: 'eng', box: {} },
  })
})

test('a file is sent as a part, and the key is named, not shown', () => {
  const manifest = manifestOf({
    type: 'object',
    properties: { image: { format: 'file', contentMediaType: 'image/*' }, words: { type: 'string' } },
    required: ['image', 'words'],
  })
  const line = exampleRequest('http://h', manifest, true)
  expect(line).toContain('-H "Authorization: Bearer $MILLRACE_API_KEY"')
  expect(line).toContain(`-F 'input={"words":"hello"}' -F image=@image.file http://h/v1/models/shout/jobs`)
})

test('a schema that refers to itself without end still gives an example', () => {
  const manifest = manifestOf({ type: 'object', properties: { self: { $ref: '#' } }, required: ['self'] })
  expect(exampleRequest('http://h', manifest, false)).toContain('"self"')
})
