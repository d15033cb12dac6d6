/**
 * Reads from the header of an image how many pixels it claims to have. Nothing is decoded, so a header with too large a
 * number costs nothing. Called by FileInspection. It finds no number in formats whose size is not near their beginning (some
 * TIFFs).
 */

/** Reads the first bytes of a file of that type. Undefined when they do not say. A JPEG says it later: see JpegSize. */
export function imagePixels(type: string, head: Buffer): number | undefined {
  const size = SIZES[type]?.(head)
  return size && Math.abs(size[0] * size[1])
}

type Size = readonly [width: number, height: number]

const SIZES: Record<string, (head: Buffer) => Size | undefined> = {
  'image/png': (head) => (head.length >= 24 ? [head.readUInt32BE(16), head.readUInt32BE(20)] : undefined),
  'image/gif': (head) => (head.length >= 10 ? [head.readUInt16LE(6), head.readUInt16LE(8)] : undefined),
  'image/bmp': bmpSize,
  'image/webp': webpSize,
  'image/tiff': tiffSize,
  'image/avif': ispeSize,
  'image/heic': ispeSize,
}

function bmpSize(head: Buffer): Size | undefined {
  if (head.length < 26) return undefined
  if (head.readUInt32LE(14) === 12) return [head.readUInt16LE(18), head.readUInt16LE(20)]
  return [head.readInt32LE(18), head.readInt32LE(22)]
}

function webpSize(head: Buffer): Size | undefined {
  if (head.length < 30) return undefined
  const form = head.toString('latin1', 12, 16)
  if (form === 'VP8X') return [head.readUIntLE(24, 3) + 1, head.readUIntLE(27, 3) + 1]
  if (form === 'VP8 ') return [head.readUInt16LE(26) & 0x3fff, head.readUInt16LE(28) & 0x3fff]
  if (form !== 'VP8L') return undefined
  const bits = head.readUInt32LE(21)
  return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1]
}

function tiffSize(head: Buffer): Size | undefined {
  const little = head[0] === 0x49
  const u16 = (at: number) => (little ? head.readUInt16LE(at) : head.readUInt16BE(at))
  const u32 = (at: number) => (little ? head.readUInt32LE(at) : head.readUInt32BE(at))
  if (head.length < 8) return undefined
  const start = u32(4)
  if (start + 2 > head.length) return undefined
  const found: Record<number, number> = {}
  for (let at = start + 2, left = u16(start); left > 0 && at + 12 <= head.length; at += 12, left--) {
    // The number is short or long, and is in the first bytes of its value.
    found[u16(at)] = u16(at + 2) === 3 ? u16(at + 8) : u32(at + 8)
  }
  const [width, height] = [found[256], found[257]]
  return width !== undefined && height !== undefined ? [width, height] : undefined
}

/** Takes the largest `ispe` box: an image of tiles has one for a tile and one for the whole. */
function ispeSize(head: Buffer): Size | undefined {
  let largest: Size | undefined
  for (let at = head.indexOf('ispe'); at !== -1 && at + 16 <= head.length; at = head.indexOf('ispe', at + 4)) {
    const size: Size = [head.readUInt32BE(at + 8), head.readUInt32BE(at + 12)]
    if (!largest || size[0] * size[1] > largest[0] * largest[1]) largest = size
  }
  return largest
}

/** Finds the frame header of a JPEG while its bytes pass. Thumbnails and profiles of any length may come before it. */
export class JpegSize {
  /** Set once the header was seen. */
  pixels: number | undefined
  /** True when there is nothing more to find. */
  done = false
  #skip = 2
  #kept = Buffer.alloc(0)

  push(chunk: Buffer): void {
    if (this.done) return
    if (this.#skip >= chunk.length && this.#kept.length === 0) {
      this.#skip -= chunk.length
      return
    }
    let rest = this.#kept.length === 0 ? chunk.subarray(this.#skip) : Buffer.concat([this.#kept, chunk])
    this.#skip = 0
    // A frame header needs 9 bytes: 2 of the marker, 2 of the length, 1 more, and the size.
    while (!this.done && rest.length >= 9) {
      const length = this.#segment(rest)
      if (length > rest.length) {
        this.#skip = length - rest.length
        rest = Buffer.alloc(0)
      } else rest = rest.subarray(length)
    }
    this.#kept = Buffer.from(rest.subarray(0, 9))
  }

  /** The length of the segment that begins here. Bytes. */
  #segment(at: Buffer): number {
    const marker = at[1] ?? 0
    // Fill bytes may come before any marker, and some markers have no length.
    if (at[0] !== 0xff || marker === 0xff || marker === 0) return 1
    if (marker === 0xd8 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) return 2
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) this.pixels = at.readUInt16BE(5) * at.readUInt16BE(7)
    this.done = isFrame || marker === 0xd9 || marker === 0xda
    return 2 + Math.max(2, at.readUInt16BE(2))
  }
}
