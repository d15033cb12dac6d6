/**
 * Recognises MPEG audio without a tag. A frame has no signature, only a header, so a second header must stand where the
 * first one says that the next frame begins. Called by the table of signatures.
 */

/** Kilobits per second by index, where 0 means unknown. By MPEG 1 or later, then by layer 1 to 3. */
const BIT_RATES = {
  first: [
    [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  ],
  later: [
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  ],
} as const
const SAMPLE_RATES = [44_100, 48_000, 32_000]

interface Frame {
  /** The part of the header that all frames of a stream share. */
  kind: number
  /** The number of bytes to the next frame. Undefined when the frame does not say. */
  length: number | undefined
}

/**
 * True for two frames in a row anywhere in these bytes. They may be in the middle, because a stream that was cut out of
 * another begins in the middle of a frame. One frame at the beginning is enough when the bytes end before the next.
 */
export function isMpegAudio(head: Buffer): boolean {
  for (let at = head.indexOf(0xff); at !== -1; at = head.indexOf(0xff, at + 1)) {
    const frame = frameAt(head, at)
    if (!frame) continue
    const next = frame.length === undefined ? undefined : at + frame.length
    if (next === undefined || next + 4 > head.length) {
      if (at === 0) return true
    } else if (frameAt(head, next)?.kind === frame.kind) return true
  }
  return false
}

/** AAC in frames of its own (ADTS): it has the same sync word, with layer 0. */
export const isAdts = (head: Buffer): boolean =>
  head.length >= 7 && head[0] === 0xff && (head[1]! & 0xf6) === 0xf0 && (head[2]! & 0x3c) >> 2 < 13

function frameAt(head: Buffer, at: number): Frame | undefined {
  if (at + 4 > head.length) return undefined
  const word = head.readUInt32BE(at)
  const version = (word >>> 19) & 3
  const layer = 4 - ((word >>> 17) & 3)
  const rateIndex = (word >>> 12) & 15
  const sampleRate = SAMPLE_RATES[(word >>> 10) & 3]
  if (word >>> 21 !== 0x7ff || version === 1 || layer === 4 || rateIndex === 15 || !sampleRate) return undefined
  const isFirst = version === 3
  const bits = (BIT_RATES[isFirst ? 'first' : 'later'][layer - 1]?.[rateIndex] ?? 0) * 1000
  const hertz = sampleRate / (isFirst ? 1 : version === 2 ? 2 : 4)
  const padding = (word >>> 9) & 1
  const kind = word & 0xfffe0c00
  if (bits === 0) return { kind, length: undefined }
  if (layer === 1) return { kind, length: (Math.floor((12 * bits) / hertz) + padding) * 4 }
  const samples = layer === 3 && !isFirst ? 72 : 144
  return { kind, length: Math.floor((samples * bits) / hertz) + padding }
}
