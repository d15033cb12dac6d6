import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EXAMPLE_LIMITS, type Example, manifestSchema, parseDataUri } from '@millrace/contracts'
import { afterAll, describe, expect, it } from 'vitest'
import { prepareExamples } from './prepare-examples.ts'

const home = mkdtempSync(join(tmpdir(), 'millrace-examples-'))
const folder = join(home, 'model')
mkdirSync(join(folder, 'samples'), { recursive: true })
writeFileSync(join(folder, 'samples/a page.png'), 'png')
writeFileSync(join(folder, 'notes.txt'), 'notes')
writeFileSync(join(folder, 'large.png'), Buffer.alloc(EXAMPLE_LIMITS.bytes * 0.7))
writeFileSync(join(folder, 'larger.png'), Buffer.alloc(EXAMPLE_LIMITS.bytes))
writeFileSync(join(home, 'secret.png'), 'no')
symlinkSync(join(home, 'secret.png'), join(folder, 'link.png'))
afterAll(() => rmSync(home, { recursive: true }))

const image = { type: 'string', format: 'file', contentMediaType: 'image/*' }
const prepare = (...examples: Example[]) =>
  prepareExamples(
    manifestSchema.parse({
      ...{ name: 'm', version: '1', output_schema: {}, examples },
      input_schema: {
        type: 'object',
        properties: {
          ...{
            image,
            scale: { type: 'integer', maximum: 4, default: 2 },
            token: { type: 'string', format: 'password' },
          },
          pages: { type: 'array', items: { $ref: '#/$defs/page' } },
        },
        additionalProperties: false,
        $defs: { page: { anyOf: [{ type: 'object', properties: { file: image } }, { type: 'null' }] } },
      },
    }),
    folder,
  )
const faultsOf = async (input: Example['input']) => (await prepare({ input })).faults

describe('examples', () => {
  it('have their files in them, wherever the schema takes some, and stay as they were written else', async () => {
    const examples = [
      { name: 'one', input: { image: 'samples/a page.png', scale: 3 } },
      { input: { pages: [{ file: './samples/a page.png' }, null], image: 'https://example.com/a.png' } },
      { input: {} },
    ]
    const { manifest, faults } = await prepare(...examples)
    const page = `data:image/png;name=a%20page.png;base64,${Buffer.from('png').toString('base64')}`
    expect(faults).toEqual([])
    expect(manifest.examples).toEqual([
      { name: 'one', input: { image: page, scale: 3 } },
      { input: { pages: [{ file: page }, null], image: 'https://example.com/a.png' } },
      { input: {} },
    ])
    expect(parseDataUri(page)).toMatchObject({ contentType: 'image/png', name: 'a page.png' })
  })

  it('are left out where they do not fit, and named by their place', async () => {
    const { manifest, faults } = await prepare(
      { input: { scale: 9 } },
      { input: { scale: 4 } },
      { input: { sacle: 2 } },
    )
    expect(faults).toEqual([
      expect.stringMatching(/^\/examples\/0\/input\/scale must be/),
      expect.stringMatching(/^\/examples\/2\/input\/sacle /),
    ])
    expect(manifest.examples).toEqual([{ input: { scale: 4 } }])
    expect((await prepare({ input: { scale: 9 } })).manifest).not.toHaveProperty('examples')
  })

  it.each([
    ['../secret.png', '/image leads out of the folder'],
    ['link.png', '/image leads out of the folder'],
    ['/etc/hostname', '/image names a file that is not in'],
    ['samples', '/image names a file that is not in'],
    ['none.png', '/image names a file that is not in'],
    ['notes.txt', '/image'],
    ['larger.png', '/image is too large'],
  ])('never hold %s', async (path, fault) => {
    expect(await faultsOf({ image: path })).toEqual([expect.stringContaining(`/examples/0/input${fault}`)])
  })

  it('hold no secrets, and no more than all of them may', async () => {
    expect(await faultsOf({ token: 'x' })).toEqual(['/examples/0/input/token is a secret: leave it out'])
    const { manifest, faults } = await prepare({ input: { image: 'large.png' } }, { input: { image: 'large.png' } })
    expect(faults).toEqual([expect.stringMatching(/^\/examples\/1\/input\/image is too large/)])
    expect(manifest.examples).toHaveLength(1)
    expect(await faultsOf({ image: `data:,${'x'.repeat(EXAMPLE_LIMITS.bytes)}` })).toEqual([
      expect.stringContaining('/examples/0/input is too much'),
    ])
  })
})
