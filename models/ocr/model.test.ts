import { readFileSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32, deflateSync, gzipSync } from 'node:zlib'
import { createModelFile, executeRun, InvalidInputError, localFile, type ModelFile, runModel } from '@millrace/model'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { editDistance } from './edit-distance.fixture.ts'
import model from './model.ts'
import { pdfWords } from './pdf-text.fixture.ts'
import { openRecognizer, type Recognizer } from './recognizer.ts'
import { MAX_PIXELS } from './scan-page.ts'

const sample = (name: string): string => fileURLToPath(new URL(`./samples/${name}`, import.meta.url))
const truth = readFileSync(sample('scan.txt'), 'utf8').trim()
const scan = (): Promise<ModelFile> => localFile(sample('scan.png'), 'image/png')

describe('the ocr model', () => {
  it('reads the sample with at most 1 % wrong characters, tells each line as it is read, and makes a searchable PDF', async () => {
    const { output, chunks, progress } = await runModel(model, { image: await scan() })

    expect(editDistance(output.text, truth) / truth.length).toBeLessThanOrEqual(0.01)
    expect(output.confidence).toBeGreaterThan(0.8)

    expect(output.lines).toHaveLength(truth.split('\n').length)
    expect(chunks).toEqual(output.lines)
    expect(progress.map(({ message }) => message)).toEqual([...output.lines.map(({ text }) => text), 'PDF is ready'])
    expect(progress.at(-1)?.fraction).toBe(1)
    expect(progress.every(({ fraction }, index) => fraction > (progress[index - 1]?.fraction ?? 0))).toBe(true)

    const pdf = await output.pdf.bytes()
    expect(output.pdf).toMatchObject({ name: 'scan.pdf', contentType: 'application/pdf' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    const words = pdfWords(pdf)
    for (const word of ['INVOICE', 'Guillotine', 'Subtotal', 'invoice']) expect(words).toContain(word)
  })
})

describe('a loaded ocr model', () => {
  let loaded: Recognizer
  beforeAll(async () => {
    loaded = await openRecognizer('eng')
  })
  afterAll(() => loaded.close())

  it('refuses a broken image in words, and reads the next one', async () => {
    const page = readFileSync(sample('scan.png'))
    for (const bytes of [Buffer.from('no picture'), Buffer.alloc(0), page.subarray(0, 5000)]) {
      const refused = run(loaded, await fileOf(bytes))
      await expect(refused).rejects.toThrow(InvalidInputError)
      await expect(refused).rejects.toThrow('/input/image: the image cannot be read')
    }
    const { output } = await run(loaded, await fileOf(await firstLine()))
    expect(output).toMatchObject({ text: 'INVOICE 2024-0173' })
  })

  it('refuses an image of more pixels than it takes, without decoding it', async () => {
    const side = Math.ceil(Math.sqrt(MAX_PIXELS)) + 1
    const paper = { width: side, height: side, channels: 3 as const, background: '#fff' }
    const huge = await sharp({ create: paper, limitInputPixels: false }).png({ compressionLevel: 1 }).toBuffer()
    await expect(run(loaded, await fileOf(huge))).rejects.toThrow('the image cannot be read')
  })

  it.each([
    ['a drawing', 'unsupported image format', async () => drawing('')],
    ['a drawing that takes minutes to draw', 'unsupported image format', async () => drawing(nested(12))],
    ['a packed drawing', 'unsupported image format', async () => gzipSync(drawing(' '.repeat(20_000_000)))],
    ['an archive', 'unsupported image format', async () => Buffer.from(`PK\x03\x04${' '.repeat(1000)}`)],
    ['a TIFF of too many pixels', 'exceeds pixel limit', () => blank(8000).tiff({ compression: 'deflate' }).toBuffer()],
    ['a WebP of too many pixels', 'exceeds pixel limit', () => blank(8000).webp({ effort: 0 }).toBuffer()],
  ])('refuses %s before any of it is unpacked', { timeout: 20_000 }, async (_, why, make) => {
    const refused = run(loaded, await fileOf(await make()))
    await expect(refused).rejects.toThrow(InvalidInputError)
    await expect(refused).rejects.toThrow(why)
  })

  it('unpacks of a PNG its pixels and of a film its first frame, whatever else is packed into them', async () => {
    const bomb = deflateSync(Buffer.alloc(500_000_000))
    const dot = await blank(64).png().toBuffer()
    // Behind the header, which ends at byte 33.
    const packed = (type: string) =>
      Buffer.concat([dot.subarray(0, 33), pngChunk(type, Buffer.from('name\0\0'), bomb), dot.subarray(33)])
    const gif = await blank(2000).gif().toBuffer()
    const frame = gif.subarray(gif.indexOf(Buffer.from([0x2c, 0, 0, 0, 0])), -1)
    const film = Buffer.concat([gif.subarray(0, -1), ...Array<Buffer>(5000).fill(frame), Buffer.from([0x3b])])
    const before = process.resourceUsage().maxRSS
    for (const bytes of [packed('zTXt'), packed('iCCP'), film]) {
      expect((await run(loaded, await fileOf(bytes))).output).toMatchObject({ text: '' })
    }
    // Kilobytes.
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(150 * 1024)
  })

  it('gives no text for a blank page', async () => {
    const blank = sharp({ create: { width: 400, height: 300, channels: 3, background: '#fff' } })
    const { output } = await run(loaded, await fileOf(await blank.png().toBuffer()))
    expect(output).toMatchObject({ text: '', lines: [], confidence: 0 })
  })

  it('reads a page whose lines cannot be told apart by their rows', async () => {
    // A rule down the margin puts ink on every row, so that the page is one tall band.
    const { width, height } = await sharp(sample('scan.png')).metadata()
    const rule = { create: { width: 4, height, channels: 3 as const, background: '#000' } }
    const ruled = sharp(sample('scan.png')).composite([{ input: rule, left: width - 20, top: 0 }])
    const { output, chunks } = await run(loaded, await fileOf(await ruled.png().toBuffer()))
    const { text } = output as { text: string }
    expect(chunks.length).toBeGreaterThan(8)
    expect(editDistance(text, truth) / truth.length).toBeLessThanOrEqual(0.1)
  })

  it('stops between two lines when it is canceled', async () => {
    const stop = new AbortController()
    const lines: unknown[] = []
    const canceled = run(loaded, await scan(), {
      signal: stop.signal,
      onLine: (line) => {
        lines.push(line)
        if (lines.length === 2) stop.abort(new Error('canceled by the test'))
      },
    })
    await expect(canceled).rejects.toThrow('canceled by the test')
    expect(lines).toHaveLength(2)
  })
})

/** One run on the loaded model, as a runner does it. */
async function run(
  loaded: Recognizer,
  image: ModelFile,
  { signal = new AbortController().signal, onLine = (_line: unknown): void => {} } = {},
) {
  const chunks: unknown[] = []
  const workDir = await mkdtemp(join(tmpdir(), 'millrace-ocr-'))
  const onOutput = (chunk: unknown) => {
    chunks.push(chunk)
    onLine(chunk)
  }
  const { output } = await executeRun(
    model,
    loaded,
    { image },
    {
      device: 'cpu',
      workDir,
      signal,
      onOutput,
      onLog: () => {},
      onProgress: () => {},
    },
  )
  return { output, chunks }
}

async function fileOf(bytes: Buffer): Promise<ModelFile> {
  const path = join(await mkdtemp(join(tmpdir(), 'millrace-ocr-')), 'page.png')
  await writeFile(path, bytes)
  return createModelFile({ path, name: 'page.png', contentType: 'image/png', size: bytes.length })
}

const blank = (width: number, height = width): Sharp =>
  sharp({ create: { width, height, channels: 3, background: '#fff' }, limitInputPixels: false })

const drawing = (content: string): Buffer =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="500" height="500">${content}</svg>`)

/** A square, ten times in each of so many groups, each of which holds the one before ten times. */
function nested(levels: number): string {
  const uses = (level: number) => `<use href="#g${level}"/>`.repeat(10)
  const groups = Array.from({ length: levels }, (_, level) => `<g id="g${level + 1}">${uses(level)}</g>`)
  return `<defs><rect id="g0" width="9" height="9"/>${groups.join('')}</defs><use href="#g${levels}"/>`
}

function pngChunk(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), ...parts])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(body.length - 4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** The heading of the sample as a page of its own. */
const firstLine = (): Promise<Buffer> =>
  sharp(sample('scan.png')).extract({ left: 0, top: 70, width: 1240, height: 80 }).png().toBuffer()
