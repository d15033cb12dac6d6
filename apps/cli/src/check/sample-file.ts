/** Makes small real files: a picture, a second of sound, a page. `millrace check` puts them into its inputs. */
import { essenceOf } from '@millrace/contracts'
import { deflateSync } from 'node:zlib'

export interface SampleFile {
  name: string
  contentType: string
  bytes: Buffer
}

/**
 * Makes a file of a wanted media type such as `image/*` or `image/png, image/jpeg`. When any type is wanted, `hint` (the
 * name and description of the field) decides. Undefined for a type that it cannot make.
 */
export function sampleFile(wanted: string, hint: string): SampleFile | undefined {
  for (const one of wanted.split(',')) {
    const type = essenceOf(one)
    const made = type === '' || type === '*/*' || type === 'application/octet-stream' ? byHint(hint) : byType(type)
    if (made) return made
  }
  return undefined
}

function byHint(hint: string): SampleFile {
  if (/image|img|photo|picture|scan|mask|frame/i.test(hint)) return png()
  if (/audio|sound|speech|voice|wav/i.test(hint)) return wav()
  return text()
}

function byType(type: string): SampleFile | undefined {
  const exact = MAKERS[type]
  if (exact) return exact()
  if (!type.endsWith('/*')) return undefined
  const found = Object.keys(MAKERS).find((one) => one.startsWith(type.slice(0, -1)))
  return found === undefined ? undefined : MAKERS[found]?.()
}

const text = (): SampleFile => ({
  name: 'sample.txt',
  contentType: 'text/plain',
  bytes: Buffer.from('The quick brown fox jumps over the lazy dog.\n'),
})

const MAKERS: Record<string, () => SampleFile> = {
  'image/png': png,
  'image/jpeg': jpeg,
  'image/jpg': jpeg,
  'image/bmp': bmp,
  'audio/wav': wav,
  'audio/x-wav': wav,
  'audio/wave': wav,
  'text/plain': text,
  'text/csv': () => ({ name: 'sample.csv', contentType: 'text/csv', bytes: Buffer.from('name,value\na,1\nb,2\n') }),
  'application/json': () => ({ name: 'sample.json', contentType: 'application/json', bytes: Buffer.from('{}\n') }),
  'application/pdf': pdf,
}

const WIDTH = 320
const HEIGHT = 240

/** A PNG: red grows to the right, green downwards, blue in squares. */
function png(): SampleFile {
  const row = 1 + WIDTH * 3
  const pixels = Buffer.alloc(row * HEIGHT)
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const blue = ((x >> 5) + (y >> 5)) % 2 === 0 ? 200 : 60
      pixels.set([(x * 255) / WIDTH, (y * 255) / HEIGHT, blue], y * row + 1 + x * 3)
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(WIDTH, 0)
  header.writeUInt32BE(HEIGHT, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const bytes = Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND')])
  return { name: 'sample.png', contentType: 'image/png', bytes }
}

function chunk(type: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}

/**
 * A grey picture of 600 x 400 pixels as a baseline JPEG in colour. Every coefficient is zero, so each block is two one-bit
 * codes, both 0. The Huffman tables hold only that code, and the picture is a run of zero bits.
 */
function jpeg(): SampleFile {
  const [width, height] = [600, 400]
  const segment = (marker: number, ...data: number[]): number[] => {
    const length = data.length + 2
    return [0xff, marker, length >> 8, length & 255, ...data]
  }
  const quantizers = segment(0xdb, 0, ...Array.from({ length: 64 }, () => 16))
  const component = (id: number): number[] => [id, 0x11, 0]
  const size = [height >> 8, height & 255, width >> 8, width & 255]
  const frame = segment(0xc0, 8, ...size, 3, ...component(1), ...component(2), ...component(3))
  const oneCode = [1, ...Array.from({ length: 15 }, () => 0), 0]
  const tables = [...segment(0xc4, 0x00, ...oneCode), ...segment(0xc4, 0x10, ...oneCode)]
  const scan = segment(0xda, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0)
  const jfif = segment(0xe0, ...Buffer.from('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0)
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8) * 3
  // The unused bits of the last byte are ones.
  const bits = blocks * 2
  const data = Buffer.alloc(Math.ceil(bits / 8))
  if (bits % 8 !== 0) data[data.length - 1] = 0xff >> (bits % 8)
  const head = Buffer.from([0xff, 0xd8, ...jfif, ...quantizers, ...frame, ...tables, ...scan])
  const bytes = Buffer.concat([head, data, Buffer.from([0xff, 0xd9])])
  return { name: 'sample.jpg', contentType: 'image/jpeg', bytes }
}

/** 8 by 8 pixels, grey. */
function bmp(): SampleFile {
  const pixels = Buffer.alloc(8 * 8 * 3, 128)
  const head = Buffer.alloc(54)
  head.write('BM', 'latin1')
  head.writeUInt32LE(head.length + pixels.length, 2)
  head.writeUInt32LE(head.length, 10)
  head.writeUInt32LE(40, 14)
  head.writeInt32LE(8, 18)
  head.writeInt32LE(8, 22)
  head.writeUInt16LE(1, 26)
  head.writeUInt16LE(24, 28)
  head.writeUInt32LE(pixels.length, 34)
  return { name: 'sample.bmp', contentType: 'image/bmp', bytes: Buffer.concat([head, pixels]) }
}

/** One second of 440 Hz, 16 kHz, 16 bits, one channel. */
function wav(): SampleFile {
  const rate = 16_000
  const samples = Buffer.alloc(rate * 2)
  for (let at = 0; at < rate; at++) {
    samples.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * 440 * at) / rate)), at * 2)
  }
  const head = Buffer.alloc(44)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(36 + samples.length, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt32LE(rate * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(samples.length, 40)
  return { name: 'sample.wav', contentType: 'audio/wav', bytes: Buffer.concat([head, samples]) }
}

/** One empty page. */
function pdf(): SampleFile {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>',
  ]
  let body = '%PDF-1.4\n'
  const offsets = objects.map((object, index) => {
    const offset = body.length
    body += `${index + 1} 0 obj\n${object}\nendobj\n`
    return `${String(offset).padStart(10, '0')} 00000 n \n`
  })
  const table = `xref\n0 4\n0000000000 65535 f \n${offsets.join('')}`
  const end = `trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`
  return { name: 'sample.pdf', contentType: 'application/pdf', bytes: Buffer.from(body + table + end) }
}
