import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { decodePicture, encodePng, MAX_PIXELS, stretchChannel } from './picture.ts'
import { RefusedImageError } from './refused-image-error.ts'

const paint = (width: number, height: number, background: string) =>
  sharp({ create: { width, height, channels: 3, background }, limitInputPixels: false })

/** Red to the left, blue to the right. */
const halves = paint(4, 2, '#f00').composite([
  { input: { create: { width: 2, height: 2, channels: 3, background: '#00f' } }, left: 2, top: 0 },
])

describe('decodePicture', () => {
  it('turns the picture upright as its EXIF data says', async () => {
    // 6: the top of the scene is on the right side of the file.
    const turned = await halves.clone().png().withMetadata({ orientation: 6 }).toBuffer()
    const { width, height, rgb } = await decodePicture(turned)
    expect([width, height]).toEqual([2, 4])
    expect([...rgb.subarray(0, 3)]).toEqual([255, 0, 0])
    expect([...rgb.subarray(-3)]).toEqual([0, 0, 255])
  })

  it('gives three channels of 8 bits for grey, indexed and 16-bit pictures and for those of printers', async () => {
    const grey = paint(3, 2, '#808080')
    for (const bytes of [
      await grey.clone().toColourspace('b-w').png().toBuffer(),
      await grey.clone().png({ palette: true }).toBuffer(),
      await grey.clone().toColourspace('rgb16').png().toBuffer(),
      await grey.clone().toColourspace('cmyk').jpeg().toBuffer(),
    ]) {
      const { width, height, rgb, alpha } = await decodePicture(bytes)
      expect([width, height, rgb.length, alpha]).toEqual([3, 2, 18, undefined])
      // The inks of a printer cannot make exactly this grey.
      for (const value of rgb) expect(Math.abs(value - 128)).toBeLessThan(16)
    }
  })

  it('keeps transparency apart from the colours, turned with them', async () => {
    const raw = Uint8Array.from([200, 100, 50, 0, 10, 20, 30, 255])
    const png = sharp(raw, { raw: { width: 2, height: 1, channels: 4 } }).png()
    const upright = await decodePicture(await png.clone().toBuffer())
    expect([...upright.rgb]).toEqual([200, 100, 50, 10, 20, 30])
    expect([...upright.alpha!]).toEqual([0, 255])
    const turned = await decodePicture(await png.clone().withMetadata({ orientation: 3 }).toBuffer())
    expect([...turned.alpha!]).toEqual([255, 0])
  })

  it('refuses too many pixels in words, from the header alone', async () => {
    const huge = await paint(2001, 2000, '#fff').png({ compressionLevel: 1 }).toBuffer()
    // Without its pixels it could not be decoded.
    const refused = decodePicture(huge.subarray(0, 100))
    await expect(refused).rejects.toThrow(RefusedImageError)
    await expect(refused).rejects.toThrow('the image has 2001 x 2000 pixels, and at most 4,000,000 are taken')
    const { width, height } = await decodePicture(
      await paint(2000, MAX_PIXELS / 2000, '#fff')
        .png()
        .toBuffer(),
    )
    expect(width * height).toBe(MAX_PIXELS)
  })

  it('refuses what is broken, cut off, empty or a drawing', async () => {
    const png = await halves.clone().resize(200, 200).png().toBuffer()
    for (const bytes of [Buffer.from('no picture'), Buffer.alloc(0), png.subarray(0, png.length / 2)]) {
      const refused = decodePicture(bytes)
      await expect(refused).rejects.toThrow(RefusedImageError)
      await expect(refused).rejects.toThrow('/input/image: the image cannot be read')
    }
    const drawing = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    await expect(decodePicture(drawing)).rejects.toThrow('the image cannot be read')
    // Not even unpacked.
    await expect(decodePicture(gzipSync(drawing))).rejects.toThrow('the image cannot be read')
  })
})

describe('encodePng', () => {
  it('writes what decodePicture reads, with and without transparency', async () => {
    const opaque = { width: 2, height: 1, rgb: Uint8Array.from([1, 2, 3, 250, 251, 252]) }
    const read = await decodePicture(await encodePng(opaque))
    expect([...read.rgb]).toEqual([...opaque.rgb])
    expect(read.alpha).toBeUndefined()
    const clear = await decodePicture(await encodePng({ ...opaque, alpha: Uint8Array.from([0, 77]) }))
    expect([...clear.rgb]).toEqual([...opaque.rgb])
    expect([...clear.alpha!]).toEqual([0, 77])
  })
})

describe('stretchChannel', () => {
  it('keeps flat areas as they are', async () => {
    const channel = Uint8Array.from({ length: 200 }, (_, index) => (index % 20 < 10 ? 0 : 255))
    const larger = await stretchChannel(channel, { width: 20, height: 10 }, 3)
    expect(larger).toHaveLength(1800)
    expect([larger[0], larger[59]]).toEqual([0, 255])
  })
})
