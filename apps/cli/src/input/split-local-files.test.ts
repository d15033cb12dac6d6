import { fileAt } from '@millrace/client'
import { expect, it } from 'vitest'
import { splitLocalFiles } from './split-local-files.ts'

const image = { type: 'string', format: 'file', contentMediaType: 'image/*' }
const root = {
  type: 'object',
  properties: {
    image,
    pages: { type: 'array', items: image },
    box: { type: 'object', properties: { 'a/b': { anyOf: [image, { type: 'null' }] } } },
    note: { type: 'string' },
  },
}

it('takes files from paths and data URIs wherever the schema has a file, and leaves text alone', () => {
  const uri = 'data:image/png;base64,iVBORw=='
  const { input, files } = splitLocalFiles(
    { image: fileAt('scans/a.png'), pages: [uri], box: { 'a/b': 'data:,x%20y' }, note: uri },
    root,
  )
  expect(input).toEqual({ image: null, pages: [null], box: { 'a/b': null }, note: uri })
  expect(files).toEqual([
    { pointer: '/image', source: { path: 'scans/a.png' }, name: 'a.png', contentType: 'image/png' },
    { pointer: '/pages/0', source: Buffer.from('iVBORw==', 'base64'), name: 'input.png', contentType: 'image/png' },
    { pointer: '/box/a~1b', source: Buffer.from('x y'), name: 'input.plain', contentType: 'text/plain' },
  ])
})

it('refuses data that cannot be read, and pickles', () => {
  expect(() => splitLocalFiles({ image: 'data:nothing' }, root)).toThrow('comma')
  expect(() => splitLocalFiles({ image: 'data:,%ZZ' }, root)).toThrow('cannot be decoded')
  const pickle = `data:image/png;base64,${Buffer.from([0x80, 4, 0x95]).toString('base64')}`
  expect(() => splitLocalFiles({ image: pickle }, root)).toThrow('is a pickle')
})
