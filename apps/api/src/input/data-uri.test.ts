import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataUriFault, decodeDataUri, parseDataUri } from './data-uri.ts'

const decode = (text: string) => {
  const uri = parseDataUri(text)
  return uri && decodeDataUri(text, uri)
}

test('bytes come back as they were, in base64 and percent-encoded', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      const buffer = Buffer.from(bytes)
      const percent = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
      expect(decode(`data:image/png;base64,${buffer.toString('base64')}`)).toEqual(buffer)
      expect(decode(`data:,${percent}`)).toEqual(buffer)
    }),
  )
})

test('the type is read without its parameters, plain text when there is none', () => {
  expect(parseDataUri('DATA:Image/PNG;charset=x;base64,')).toMatchObject({ contentType: 'image/png', isBase64: true })
  expect(parseDataUri('data:,a')).toMatchObject({ contentType: 'text/plain', isBase64: false })
  expect(parseDataUri('data:a b,c')).toMatchObject({ contentType: 'application/octet-stream' })
})

test('what is cut short or wrongly encoded is no data', () => {
  for (const text of [
    'data:;base64,A',
    'data:;base64,AA*A',
    'data:;base64,AA=A',
    'data:,%',
    'data:,%zz',
    'data:',
    'x',
  ]) {
    expect(decode(text), text).toBeUndefined()
  }
  expect(decode('data:,é')?.toString()).toBe('é')
})

test('base64 is read as the web reads it: wrapped, spaced, percent-encoded, without its padding', () => {
  const bytes = Buffer.from(Array.from({ length: 200 }, (_, i) => (i * 91 + 251) % 256))
  const base64 = bytes.toString('base64')
  expect(base64).toMatch(/[+/].*=/)
  const wrapped = (by: string) => base64.replace(/.{76}/g, `$&${by}`)
  const ways = [
    ...['\n', '\r\n', ' ', '\t', '\f', '%0A', '%0d%0a', '%20'].map(wrapped),
    ...[encodeURIComponent(base64), base64.replaceAll('=', '%3d'), base64.replace(/=+$/, ''), ` ${base64}\n`],
    ...[base64.replace(/./g, (char) => `%${char.charCodeAt(0).toString(16)}`)],
  ]
  for (const way of ways) expect(decode(`data:image/png;base64,${way}`), way).toEqual(bytes)
})

test('parameters stand in any order and case, with quotes, and may name the file', () => {
  for (const head of [
    ';base64',
    ';BASE64',
    '; base64 ',
    ';charset=utf-8;base64',
    ';base64;charset=utf-8',
    ';a="b,c;d";base64',
  ]) {
    const text = `data:text/csv${head},YSxi`
    expect(parseDataUri(text), head).toMatchObject({ contentType: 'text/csv', isBase64: true })
    expect(decode(text)?.toString(), head).toBe('a,b')
  }
  expect(decode('\n data:text/plain;charset=US-ASCII,a%2Cb')?.toString()).toBe('a,b')
  expect(parseDataUri('data:;base64,')).toMatchObject({ contentType: 'text/plain' })
  expect(parseDataUri('data:image/png;name=%D1%84.png;base64,')).toMatchObject({ name: 'ф.png' })
  expect(parseDataUri('data:;filename="a b.png";base64,')).toMatchObject({ name: 'a b.png', contentType: 'image/png' })
  expect(parseDataUri('data:;a="b,YQ')).toMatchObject({ isBase64: false, start: 11 })
})

test('what is broken is told with its place', () => {
  const faultOf = (text: string) => {
    const uri = parseDataUri(text)!
    expect(decodeDataUri(text, uri), text).toBeUndefined()
    return dataUriFault(text, uri)
  }
  expect(faultOf('data:;base64,AAAA*AAA')).toMatchObject({ at: 17, message: expect.stringContaining('none of base64') })
  expect(faultOf('data:;base64,AAAA\n-_AA').at).toBe(18)
  expect(faultOf('data:;base64,AAAAé').at).toBe(17)
  expect(faultOf('data:;base64,AA%2aA').at).toBe(15)
  expect(faultOf('data:;base64,AA=A')).toMatchObject({ at: 15, message: expect.stringContaining('behind its padding') })
  expect(faultOf('data:;base64,AAAAA')).toMatchObject({ at: 18, message: expect.stringContaining('cut off') })
  expect(faultOf('data:;base64,AA%4')).toMatchObject({ at: 15, message: expect.stringContaining('behind each %') })
  expect(faultOf('data:,100%').at).toBe(9)
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (data) => {
      const text = `data:;base64,${data}`
      const uri = parseDataUri(text)!
      if (decodeDataUri(text, uri)) return
      const { at } = dataUriFault(text, uri)
      expect(at).toBeGreaterThanOrEqual(uri.start)
      expect(at).toBeLessThanOrEqual(text.length)
    }),
  )
})
