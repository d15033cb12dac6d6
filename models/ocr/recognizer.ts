/**
 * Tesseract behind two verbs: read a strip of text, print a page as searchable PDF.
 * The only file of this model that knows tesseract.js. One call at a time.
 */
import { packageDir } from '@millrace/model'
import { createWorker, OEM, PSM, type Worker } from 'tesseract.js'

export interface ReadLine {
  text: string
  /** 0 to 1. */
  confidence: number
}

export interface Recognizer {
  /** The lines in a strip; without `many` the strip is taken as one line. Empty lines are left out. */
  read(strip: Buffer, options: { many: boolean }): Promise<ReadLine[]>
  /** The page, at its size on paper, with its text as an invisible layer that can be searched and copied. */
  printPdf(page: Buffer, options: { title: string; dpi: number }): Promise<Buffer>
  close(): Promise<void>
}

/** Loads the weights from their npm package: nothing is fetched, nothing is cached on disk. */
export async function openRecognizer(lang: string): Promise<Recognizer> {
  const worker = await createWorker(lang, OEM.LSTM_ONLY, {
    langPath: `${packageDir(`@tesseract.js-data/${lang}`, import.meta.url)}/4.0.0_best_int`,
    cacheMethod: 'none',
    // Without a handler tesseract.js throws outside of every promise, and one bad picture ends the process.
    errorHandler: () => {},
  })
  return {
    read: (strip, { many }) => read(worker, strip, many),
    printPdf: (page, options) => printPdf(worker, page, options),
    close: async () => {
      await worker.terminate()
    },
  }
}

async function read(worker: Worker, strip: Buffer, many: boolean): Promise<ReadLine[]> {
  // Parameters stay until they are set again: 0 lets Tesseract guess, whatever the page before was printed with.
  const mode = many ? PSM.AUTO : PSM.SINGLE_LINE
  await worker.setParameters({ tessedit_pageseg_mode: mode, user_defined_dpi: '0' })
  const { data } = await answered(worker.recognize(strip, {}, { text: true, blocks: many }))
  const lines = many
    ? (data.blocks ?? []).flatMap((block) => block.paragraphs.flatMap((paragraph) => paragraph.lines))
    : [data]
  return lines
    .map(({ text, confidence }) => ({ text: text.trim(), confidence: confidence / 100 }))
    .filter(({ text }) => text !== '')
}

async function printPdf(worker: Worker, page: Buffer, { title, dpi }: { title: string; dpi: number }): Promise<Buffer> {
  await worker.setParameters({ tessedit_pageseg_mode: PSM.AUTO, user_defined_dpi: String(dpi) })
  const { data } = await answered(worker.recognize(page, { pdfTitle: title }, { pdf: true, text: false }))
  if (!data.pdf) throw new Error('Tesseract gave no PDF')
  return Buffer.from(data.pdf)
}

/** Tesseract rejects with bare text; callers get an Error. */
async function answered<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call
  } catch (error) {
    throw error instanceof Error ? error : new Error(`Tesseract failed: ${String(error)}`)
  }
}
