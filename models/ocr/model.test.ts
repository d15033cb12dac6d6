import { readFileSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createModelFile, executeRun, InvalidInputError, localFile, type ModelFile, runModel } from '@millrace/model'
import sharp from 'sharp'
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

/** The heading of the sample as a page of its own. */
const firstLine = (): Promise<Buffer> =>
  sharp(sample('scan.png')).extract({ left: 0, top: 70, width: 1240, height: 80 }).png().toBuffer()
