import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { FileInspection } from './file-inspection.ts'

/** Images that have only a header. A decoder would believe it and allocate memory. */

const u16be = (n: number) => [n >> 8, n & 255]
const u32be = (n: number) => [...u16be(n >>> 16), ...u16be(n & 0xffff)]
const u16le = (n: number) => u16be(n).reverse()
const u32le = (n: number) => u32be(n).reverse()
const latin1 = (text: string) => [...Buffer.from(text, 'latin1')]
const bytes = (...parts: number[][]) => Buffer.from(parts.flat())

const SIDE = 100_000
const png = (w: number, h: number) =>
  bytes(latin1('\x89PNG\r\n\x1a\n'), u32be(13), latin1('IHDR'), u32be(w), u32be(h), [8, 2, 0, 0, 0])
const segment = (marker: number, body: number[]) => [0xff, marker, ...u16be(body.length + 2), ...body]
const jpeg = (w: number, h: number, before: number[] = []) =>
  bytes([0xff, 0xd8], before, segment(0xc2, [8, ...u16be(h), ...u16be(w), 3, 0, 0, 0]), [0xff, 0xd9])
const riff = (form: string, body: number[]) => bytes(latin1('RIFF'), u32le(100), latin1('WEBP'), latin1(form), body)

const run = async (body: Buffer | Buffer[], contentType: string, rules: { maxPixels?: number } = {}) => {
  const inspection = new FileInspection({ contentType, maxPixels: 1_000_000, ...rules })
  const source = Readable.from(Array.isArray(body) ? body : [body])
  source.on('error', (error) => inspection.destroy(error)).pipe(inspection)
  const passed = await buffer(inspection)
  return { type: inspection.look.contentType, passed }
}
const refusal = (code: string) => expect.objectContaining({ name: 'FileRefusedError', code })

const BOMBS: [string, string, Buffer][] = [
  ['PNG', 'image/png', png(SIDE, SIDE)],
  ['JPEG', 'image/jpeg', jpeg(65_535, 65_535)],
  ['GIF', 'image/gif', bytes(latin1('GIF89a'), u16le(65_535), u16le(65_535), [0, 0, 0])],
  ['extended WEBP', 'image/webp', riff('VP8X', [...u32le(10), 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
  ['lossless WEBP', 'image/webp', riff('VP8L', [...u32le(10), 0x2f, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0, 0])],
  [
    'lossy WEBP',
    'image/webp',
    riff('VP8 ', [...u32le(10), 0, 0, 0, 0x9d, 1, 0x2a, ...u16le(16_383), ...u16le(16_383)]),
  ],
  ['BMP', 'image/bmp', bytes(latin1('BM'), u32le(99), u32le(0), u32le(54), u32le(40), u32le(SIDE), u32le(SIDE))],
  ['AVIF', 'image/avif', bytes(u32be(20), latin1('ftypavif'), latin1('....ispe'), u32be(0), u32be(SIDE), u32be(SIDE))],
]

test.each(BOMBS)(
  'a %s that claims too many pixels is refused by its header, whatever it is declared as',
  async (_, type, body) => {
    await expect(run(body, type)).rejects.toEqual(refusal('too_many_pixels'))
    await expect(run(body, 'application/octet-stream')).rejects.toEqual(refusal('too_many_pixels'))
    await expect(
      run(
        [...body].map((byte) => Buffer.from([byte])),
        type,
      ),
    ).rejects.toEqual(refusal('too_many_pixels'))
    expect(await run(body, type, { maxPixels: 1e15 })).toEqual({ type, passed: body })
  },
)

test('the frame of a JPEG is found behind profiles and thumbnails of any length, in chunks of any size', async () => {
  const profiles = Array.from({ length: 40 }, () =>
    segment(
      0xe2,
      Array.from({ length: 65_000 }, () => 0xff),
    ),
  ).flat()
  const body = jpeg(40_000, 40_000, profiles)
  for (const size of [body.length, 65_536, 1000, 701]) {
    const chunks = Array.from({ length: Math.ceil(body.length / size) }, (_, i) =>
      body.subarray(i * size, (i + 1) * size),
    )
    await expect(run(chunks, 'image/jpeg')).rejects.toEqual(refusal('too_many_pixels'))
  }
  expect((await run(jpeg(40_000, 40_000, profiles), 'image/jpeg', { maxPixels: 2e9 })).passed.equals(body)).toBe(true)
})

test('bytes that are plainly something else than they are declared are refused', async () => {
  await expect(run(Buffer.from('%PDF-1.7 …'), 'image/png')).rejects.toEqual(refusal('type_mismatch'))
  await expect(run(png(1, 1), 'audio/wav')).rejects.toEqual(refusal('type_mismatch'))
  await expect(run(Buffer.from('  <!DOCTYPE html><script>'), 'image/png')).rejects.toEqual(refusal('type_mismatch'))
})

test('a type that is not declared, or only nearly, becomes what the bytes show', async () => {
  expect((await run(png(1, 1), 'application/octet-stream')).type).toBe('image/png')
  expect((await run(png(1, 1), 'image/jpeg')).type).toBe('image/png')
  expect((await run(Buffer.from('PK\x03\x04', 'latin1'), 'application/vnd.oasis.opendocument.text')).type).toMatch(
    /oasis/,
  )
  expect((await run(Buffer.from('plain words'), 'text/csv')).type).toBe('text/csv')
})

test('a type that has a signature must show it, and an empty file shows none', async () => {
  for (const text of ['no picture', '', '<svg xmlns="http://www.w3.org/2000/svg"/>', '\x89PNG']) {
    await expect(run(Buffer.from(text, 'latin1'), 'image/png'), text).rejects.toEqual(refusal('type_mismatch'))
  }
  await expect(run(Buffer.alloc(0), 'image/png')).rejects.toThrow('declared as image/png, but it is empty')
  expect((await run(Buffer.from('a,b'), 'text/csv')).type).toBe('text/csv')
  expect((await run(Buffer.alloc(0), 'text/plain')).type).toBe('text/plain')
})

test('random bytes behind a signature never throw anything but a refusal', async () => {
  for (const [, type, head] of BOMBS) {
    for (let cut = 0; cut <= head.length; cut++) {
      const outcome = await run(head.subarray(0, cut), type).catch((error: Error) => error)
      if (outcome instanceof Error) expect(outcome.name).toBe('FileRefusedError')
    }
  }
})
