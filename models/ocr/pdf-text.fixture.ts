/**
 * Takes the invisible text out of a PDF that Tesseract made, for the tests of this model; no reader of PDFs at large.
 */
import { inflateSync } from 'node:zlib'

/** The words of the text layer, in the order of the file. Empty when the PDF holds only a picture. */
export function pdfWords(pdf: Buffer): string[] {
  return contentStreams(pdf)
    .flatMap((stream) => [...stream.matchAll(/\[ ?<([0-9A-Fa-f]+)> ?\] ?TJ/g)])
    .map((shown) => Buffer.from(shown[1]!, 'hex').swap16().toString('utf16le').trim())
    .filter((word) => word !== '')
}

/** The inflated streams that are text, not pictures or fonts. */
function contentStreams(pdf: Buffer): string[] {
  const found: string[] = []
  for (let at = pdf.indexOf('stream\n'); at >= 0; at = pdf.indexOf('stream\n', at + 1)) {
    if (pdf.subarray(at - 3, at).toString() === 'end') continue
    try {
      const text = inflateSync(pdf.subarray(at + 'stream\n'.length)).toString('latin1')
      if (text.includes('BT')) found.push(text)
    } catch {
      // Not compressed this way: no text of Tesseract's.
    }
  }
  return found
}
