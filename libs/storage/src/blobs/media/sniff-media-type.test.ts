import { randomBytes } from 'node:crypto'
import { acceptsMediaType, canonicalMediaType } from '@millrace/contracts'
import { expect, test } from 'vitest'
import { MEDIA_HEADS } from './media-heads.fixture.ts'
import { settleMediaType } from './sniff-media-type.ts'

const HEADS = MEDIA_HEADS.map(([name, type, head]) => ({ name, type, head: Buffer.from(head, 'base64') }))
const TYPES = [...new Set(HEADS.map(({ type }) => type))]
const headOf = (name: string) => HEADS.find((one) => one.name === name)!.head

test.each(HEADS)('$name is taken as $type, by any name of that type', ({ type, head }) => {
  const names = TYPES.filter((other) => canonicalMediaType(other) === canonicalMediaType(type))
  for (const name of names) expect(settleMediaType(name, head)).toBe(name)
})

test('what is nothing of the kind is taken as none of them', () => {
  const pretenders = [
    '',
    'hello world',
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '<html>',
    '\x89PNG\r\n',
    '{"a":1}',
  ]
  for (const text of pretenders) {
    const taken = TYPES.filter((type) => settleMediaType(type, Buffer.from(text, 'latin1')) !== undefined)
    expect(taken, JSON.stringify(text)).toEqual([])
  }
})

test('noise is taken for none of them', () => {
  for (let run = 0; run < 50; run++) {
    const noise = randomBytes(run % 2 ? 16_384 : 60)
    // By chance this happens once in a hundred thousand times.
    noise[0] = 0x01
    expect(TYPES.filter((type) => settleMediaType(type, noise) !== undefined && type !== 'audio/mpeg')).toEqual([])
  }
})

test('one kind is not taken for another: a picture for another picture goes by what it is', () => {
  const wrong: [string, string][] = [
    ['a.wav', 'audio/mpeg'],
    ['a.wav', 'audio/ogg'],
    ['a.mp3', 'audio/wav'],
    ['n.mp3', 'audio/wav'],
    ['a.flac', 'audio/mpeg'],
    ['a.ogg', 'audio/mpeg'],
    ['a.mp4', 'audio/mpeg'],
    ['a.mp4', 'video/webm'],
    ['a.webm', 'video/mp4'],
    ['a.avi', 'video/mp4'],
    ['a.heic', 'video/mp4'],
    ['a.mp4', 'image/heic'],
    ['a.pdf', 'image/png'],
    ['a.png', 'application/pdf'],
    ['a.zip', 'application/pdf'],
    ['a.gz', 'application/zip'],
    ['a.docx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    ['a.xlsx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    ['a.epub', 'application/vnd.oasis.opendocument.text'],
    ['a.pdf', 'text/csv'],
  ]
  for (const [name, type] of wrong)
    expect([name, type, settleMediaType(type, headOf(name))]).toEqual([name, type, undefined])
  expect(settleMediaType('image/jpeg', headOf('a.png'))).toBe('image/png')
  expect(settleMediaType('image/png', headOf('lossless.webp'))).toBe('image/webp')
  expect(settleMediaType('image/svg+xml', headOf('a.gif'))).toBe('image/gif')
})

test('containers that only their streams tell apart are one kind', () => {
  for (const type of ['video/mp4', 'audio/mp4', 'video/quicktime', 'audio/x-m4a', 'video/3gpp']) {
    for (const name of ['a.mp4', 'a.mov', 'a.m4a', 'a.3gp', 'f.mp4'])
      expect(settleMediaType(type, headOf(name))).toBe(type)
  }
  for (const type of ['video/webm', 'audio/webm', 'video/x-matroska']) {
    for (const name of ['a.mkv', 'b.webm', 'a.mka']) expect(settleMediaType(type, headOf(name))).toBe(type)
  }
  expect(settleMediaType('application/zip', headOf('a.docx'))).toBe('application/zip')
})

test('types without a signature are taken as they are declared', () => {
  for (const type of ['text/csv', 'text/html', 'application/json', 'application/x-npz', 'image/svg+xml', 'audio/l16']) {
    for (const text of ['', 'a,b', '{}']) expect(settleMediaType(type, Buffer.from(text))).toBe(type)
  }
  expect(settleMediaType('application/octet-stream', Buffer.from('x'))).toBe('application/octet-stream')
  expect(settleMediaType('text/plain', headOf('a.png'))).toBe('image/png')
  expect(settleMediaType('application/xhtml+xml', Buffer.from('<!doctype html>'))).toBe('application/xhtml+xml')
  expect(settleMediaType('application/json', Buffer.from('<html>sign in'))).toBeUndefined()
})

test('a place that takes a type takes it by its other names', () => {
  expect(acceptsMediaType('audio/wav', 'audio/x-wav')).toBe(true)
  expect(acceptsMediaType('audio/x-wav, image/jpg', 'image/jpeg')).toBe(true)
  expect(acceptsMediaType('audio/*', 'application/ogg')).toBe(false)
  expect(acceptsMediaType('audio/mp3', 'audio/wav')).toBe(false)
})
