import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeDataUri, parseDataUri } from './data-uri.ts'

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
