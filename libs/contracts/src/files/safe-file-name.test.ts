import fc from 'fast-check'
import { expect, test } from 'vitest'
import { safeFileName } from './safe-file-name.ts'

test.each([
  ['scan.png', 'scan.png'],
  ['../../scan 1.png', 'scan-1.png'],
  ['C:\\fakepath\\scan.png', 'scan.png'],
  ['café.txt', 'cafe.txt'],
  ['фото 🎉.png', 'file-3.png'],
  ['фото.tar.gz', 'file-3.tar.gz'],
  ['фото2.png', '2.png'],
  ['写真', 'file-3'],
  ['a.пнг', 'a'],
  ['\u202egnp.exe', 'gnp.exe'],
  ['caf\ufffd.png', 'caf-.png'],
  ['.png', 'file-3.png'],
  ['..', 'file-3'],
  ['', 'file-3'],
  ['. . /', 'file-3'],
  ['-rf.txt', 'rf.txt'],
  ['scan.png. ', 'scan.png'],
  ['scan.png"', 'scan.png'],
  ['CON', '_CON'],
  ['nul.tar.gz', '_nul.tar.gz'],
  ['ｃｏｍ１.txt', '_com1.txt'],
  ['console.log', 'console.log'],
  ['ａ／..／ｂ.png', 'a-..-b.png'],
  ['a\0b.png', 'a-b.png'],
])('%j becomes %s', (text, name) => {
  expect(safeFileName(text, 'file-3')).toBe(name)
})

test('a long name keeps its extension', () => {
  expect(safeFileName(`${'a'.repeat(500)}.tar.gz`)).toBe(`${'a'.repeat(121)}.tar.gz`)
  expect(safeFileName(`${'я'.repeat(500)}.png`, 'file', 100)).toBe('file.png')
  expect(safeFileName(`${'a'.repeat(200)}.png`, 'file', 100)).toHaveLength(100)
  expect(safeFileName('x'.repeat(1e6))).toHaveLength(128)
})

test('whatever is written, the name is safe, and safe names stay as they are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const name = safeFileName(text)
      expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/)
      expect(name).not.toMatch(/\.$/)
      expect(safeFileName(name)).toBe(name)
    }),
  )
})
