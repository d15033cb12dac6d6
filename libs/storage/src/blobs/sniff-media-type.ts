/** What the first bytes of a file say it is. Called by FileInspection; the more of the head, the surer. */

const ascii = (head: Buffer, at: number, text: string): boolean =>
  head.toString('latin1', at, at + text.length) === text

const FTYP_BRANDS: Record<string, string> = {
  avif: 'image/avif',
  avis: 'image/avif',
  heic: 'image/heic',
  heix: 'image/heic',
  mif1: 'image/heic',
  'M4A ': 'audio/mp4',
  'qt  ': 'video/quicktime',
}

const SIGNATURES: readonly [type: string, fits: (head: Buffer) => boolean][] = [
  ['image/png', (head) => ascii(head, 0, '\x89PNG\r\n\x1a\n')],
  ['image/jpeg', (head) => ascii(head, 0, '\xff\xd8\xff')],
  ['image/gif', (head) => ascii(head, 0, 'GIF87a') || ascii(head, 0, 'GIF89a')],
  ['image/webp', (head) => ascii(head, 0, 'RIFF') && ascii(head, 8, 'WEBP')],
  ['image/bmp', (head) => ascii(head, 0, 'BM') && ascii(head, 6, '\0\0\0\0')],
  ['image/tiff', (head) => ascii(head, 0, 'II*\0') || ascii(head, 0, 'MM\0*')],
  ['audio/wav', (head) => ascii(head, 0, 'RIFF') && ascii(head, 8, 'WAVE')],
  ['audio/ogg', (head) => ascii(head, 0, 'OggS')],
  ['audio/flac', (head) => ascii(head, 0, 'fLaC')],
  ['audio/mpeg', (head) => ascii(head, 0, 'ID3')],
  ['video/webm', (head) => ascii(head, 0, '\x1aE\xdf\xa3') && head.subarray(0, 64).includes('webm')],
  ['video/x-matroska', (head) => ascii(head, 0, '\x1aE\xdf\xa3')],
  ['application/pdf', (head) => head.subarray(0, 1024).includes('%PDF-')],
  ['application/zip', (head) => ascii(head, 0, 'PK\x03\x04')],
  ['application/gzip', (head) => ascii(head, 0, '\x1f\x8b\x08')],
  ['text/html', (head) => /^(\xef\xbb\xbf)?\s*<(!doctype html|html)\b/i.test(head.toString('latin1', 0, 512))],
]

const KNOWN = new Set([...SIGNATURES.map(([type]) => type), ...Object.values(FTYP_BRANDS), 'video/mp4'])

/** The media type that these bytes begin like; undefined for the many that have no signature. */
export function sniffMediaType(head: Buffer): string | undefined {
  if (ascii(head, 4, 'ftyp')) return FTYP_BRANDS[head.toString('latin1', 8, 12)] ?? 'video/mp4'
  return SIGNATURES.find(([, fits]) => fits(head))?.[0]
}

const familyOf = (type: string): string => {
  const top = type.split('/', 1)[0] ?? ''
  return top === 'audio' || top === 'video' ? 'media' : top
}

/**
 * The type that a file goes by, from what was declared and what its bytes show; undefined when the two contradict each
 * other. `strict`: a declared type that has a signature must show it.
 */
export function settleMediaType(declared: string, shown: string | undefined, strict: boolean): string | undefined {
  if (shown === undefined) return strict && KNOWN.has(declared) && declared !== 'audio/mpeg' ? undefined : declared
  if (declared === '' || declared === 'application/octet-stream' || declared === 'text/plain') return shown
  if (declared === shown) return declared
  if (familyOf(declared) !== familyOf(shown)) return undefined
  // A png that calls itself a jpeg is one mistake of many; a document may well be a zip inside.
  return familyOf(shown) === 'image' ? shown : declared
}
