/**
 * Turns the bytes of a picture into an upright page that the recognizer can read, and cuts it into strips.
 * The only file of this model that knows sharp.
 */
import sharp from 'sharp'
import { findTextBands, type TextBand } from './find-text-bands.ts'
import { UnreadableImageError } from './unreadable-image-error.ts'

/** Pixels of the largest page taken: an A3 scan at 400 dots an inch has 31 million. */
export const MAX_PIXELS = 50_000_000

/** Paper kept around a line, in pixels: letters that touch the edge of a strip are misread. */
const MARGIN = 8
/** Grey level, 0 to 255 after stretching, below which a pixel is ink. */
const INK_LEVEL = 150

/** Inches: the short side of A4, which most scans show. */
const PAPER_WIDTH = 8.27

export interface Page {
  width: number
  height: number
  /** The page upright, on white, as PNG. */
  png: Buffer
  /** Dots an inch if the page is as wide as A4: many files tell a wrong number, or none. 70 to 600. */
  dpi: number
  /** The lines of text from top to bottom. */
  bands: TextBand[]
}

/** Decodes a picture of any common format. Throws UnreadableImageError when it is broken, too large or a drawing. */
export async function scanPage(bytes: Buffer): Promise<Page> {
  const png = await decode(bytes)
  const { data, info } = await sharp(png, { limitInputPixels: MAX_PIXELS })
    .greyscale()
    .normalise()
    .blur(1)
    .threshold(INK_LEVEL)
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const dpi = Math.min(600, Math.max(70, Math.round(Math.min(width, height) / PAPER_WIDTH)))
  return { width, height, png, dpi, bands: findTextBands({ pixels: data, width, height }) }
}

/** One band of the page with white around it, as PNG. */
export async function cutStrip(page: Page, band: TextBand): Promise<Buffer> {
  const top = Math.max(0, band.top - MARGIN)
  const height = Math.min(page.height, band.bottom + MARGIN) - top
  return sharp(page.png, { limitInputPixels: MAX_PIXELS })
    .extract({ left: 0, top, width: page.width, height })
    .extend({ top: MARGIN, bottom: MARGIN, background: '#fff' })
    .png({ compressionLevel: 1 })
    .toBuffer()
}

async function decode(bytes: Buffer): Promise<Buffer> {
  // Drawings are programs: two kilobytes of SVG can keep a machine busy for hours, and the limit of pixels is none to them.
  sharp.block({ operation: ['VipsForeignLoadSvg'] })
  try {
    return await sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' })
      .autoOrient()
      .flatten({ background: '#fff' })
      .toColourspace('srgb')
      .png()
      .toBuffer()
  } catch (error) {
    throw new UnreadableImageError(error)
  }
}
