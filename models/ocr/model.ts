/**
 * Reads a scanned page: the text line by line as it is read, then a searchable PDF of it.
 * Loaded by the runner; the demo sends it samples/scan.png.
 */
import { defineModel, file, type ModelContext } from '@millrace/model'
import { z } from 'zod'
import { holdsManyLines } from './find-text-bands.ts'
import { openRecognizer, type ReadLine, type Recognizer } from './recognizer.ts'
import { cutStrip, type Page, scanPage } from './scan-page.ts'

/** Characters of a line shown as progress. */
const MESSAGE_CHARS = 120
/** Share of the work that is done when all lines are read; the PDF is the rest. */
const READING_SHARE = 0.8

const lineSchema = z.object({
  text: z.string(),
  confidence: z.number().min(0).max(1).describe('How sure the model is, 0 to 1.'),
})

export default defineModel({
  name: 'ocr',
  version: '1.0.0',
  description: 'Reads the text in a scanned page, line by line, and makes a searchable PDF of it.',
  input: z.object({
    image: file('image/*').describe('The scan: PNG, JPEG, WebP, TIFF, GIF or AVIF, at most 50 million pixels.'),
    lang: z.enum(['eng']).default('eng').describe('Language of the text.'),
  }),
  output: z.object({
    text: z.string().describe('All lines, separated by line feeds. Empty when the page is blank.'),
    confidence: z.number().min(0).max(1).describe('Mean over the lines, 0 to 1; 0 for a blank page.'),
    lines: z.array(lineSchema).describe('The lines from top to bottom, as they were streamed.'),
    pdf: file('application/pdf').describe('The page with its text in an invisible layer.'),
  }),
  examples: [{ name: 'A scanned invoice', input: { image: 'samples/page.webp' } }],
  streams: true,
  setup: () => openRecognizer('eng'),
  predict: async ({ image }, recognizer, ctx) => {
    const page = await scanPage(await image.bytes())
    const lines = await readLines(page, recognizer, ctx)
    ctx.signal.throwIfAborted()
    const title = image.name.replace(/\.[^.]*$/, '') || 'scan'
    const pdf = await recognizer.printPdf(page.png, { title, dpi: page.dpi })
    ctx.progress(1, 'PDF is ready')
    return {
      text: lines.map((line) => line.text).join('\n'),
      confidence: mean(lines.map((line) => line.confidence)),
      lines,
      pdf: await ctx.file(`${title}.pdf`, 'application/pdf', pdf),
    }
  },
  teardown: (recognizer) => recognizer.close(),
})

/** Reads band after band, telling each line the moment it is known. A cancel is seen between two bands. */
async function readLines(page: Page, recognizer: Recognizer, ctx: ModelContext): Promise<ReadLine[]> {
  const lines: ReadLine[] = []
  for (const [index, band] of page.bands.entries()) {
    ctx.signal.throwIfAborted()
    const strip = await cutStrip(page, band)
    const read = await recognizer.read(strip, { many: holdsManyLines(band, page.bands) })
    for (const line of read) ctx.emit(line)
    lines.push(...read)
    const message = lines.at(-1)?.text.slice(0, MESSAGE_CHARS)
    ctx.progress(READING_SHARE * ((index + 1) / page.bands.length), message)
  }
  return lines
}

const mean = (numbers: number[]): number => numbers.reduce((sum, number) => sum + number, 0) / (numbers.length || 1)
