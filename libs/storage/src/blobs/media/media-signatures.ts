/**
 * The table of how files of each type begin. It is our own table and not a package that guesses: a declared type is compared
 * with its own signature at once, and nothing that a stranger wrote is parsed, followed or inflated. Called by
 * sniffMediaType.
 */
import { isAdts, isMpegAudio } from './mpeg-audio.ts'

type Fits = (head: Buffer) => boolean

const has = (head: Buffer, at: number, text: string): boolean =>
  head.length >= at + text.length && head.toString('latin1', at, at + text.length) === text

const begins =
  (...texts: string[]): Fits =>
  (head) =>
    texts.some((text) => has(head, 0, text))

const anyOf =
  (...fits: Fits[]): Fits =>
  (head) =>
    fits.some((one) => one(head))

/** RIFF and its relatives, which are big-endian or larger than 4 GB. */
const riff =
  (form: string): Fits =>
  (head) =>
    ['RIFF', 'RIFX', 'RF64', 'BW64'].some((name) => has(head, 0, name)) && has(head, 8, form)

const AVIF_BRANDS = ['avif', 'avis']
const HEIF_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs', 'mif1', 'mif2', 'msf1']

/** The brands of an ISO base media file: the major brand, then the compatible ones. */
function brandsOf(head: Buffer): string[] {
  if (!has(head, 4, 'ftyp') || head.length < 12) return []
  const end = Math.min(head.readUInt32BE(0), head.length, 256)
  const brands = [head.toString('latin1', 8, 12)]
  for (let at = 16; at + 4 <= end; at += 4) brands.push(head.toString('latin1', at, at + 4))
  return brands
}

const isStillBrand = (brand: string | undefined): boolean => [...AVIF_BRANDS, ...HEIF_BRANDS].includes(brand ?? '')
const isAvif: Fits = (head) => {
  const brands = brandsOf(head)
  return isStillBrand(brands[0]) && AVIF_BRANDS.some((brand) => brands.includes(brand))
}
const isHeif: Fits = (head) => isStillBrand(brandsOf(head)[0]) && !isAvif(head)
/** The first boxes of older QuickTime files and single fragments, which have no brands. */
const MOVIE_BOXES = ['moov', 'mdat', 'free', 'skip', 'wide', 'pnot', 'styp', 'moof', 'sidx', 'emsg']
const isMovie: Fits = (head) =>
  (has(head, 4, 'ftyp') && head.length >= 12 && !isStillBrand(brandsOf(head)[0])) ||
  MOVIE_BOXES.some((box) => has(head, 4, box))
const movieOf =
  (...brands: string[]): Fits =>
  (head) =>
    brands.includes(brandsOf(head)[0] ?? '')

const isBmp: Fits = (head) =>
  has(head, 0, 'BM') && head.length >= 18 && [12, 16, 40, 52, 56, 64, 108, 124].includes(head.readUInt32LE(14))
const isEbml = begins('\x1aE\xdf\xa3')
const isOgg = begins('OggS')
const isTagged = begins('ID3')
const isZip = begins('PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08')
/** Older office documents, and newer ones that are encrypted with a password. */
const isCompound = begins('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')
const OFFICE_FOLDERS = ['word/', 'xl/', 'ppt/']
/** A document in a zip. No name near its beginning may belong to another kind of document. */
const office = (folder: string): Fits =>
  anyOf(isCompound, (head) => {
    const holds = (name: string) => head.includes(name, 30, 'latin1')
    return isZip(head) && (holds(folder) || !OFFICE_FOLDERS.some(holds)) && !has(head, 30, 'mimetype')
  })
/** A zip whose first entry may name its type. If it does, it must be this type. */
const packed =
  (type: string): Fits =>
  (head) =>
    isZip(head) && (!has(head, 30, 'mimetypea') || has(head, 38, type))
/** Packets of 188 bytes, or of 192 with a time before each packet. */
const isTransport: Fits = (head) =>
  [0, 4].some((at) => {
    const every = 188 + at
    for (let sync = at; sync < Math.min(head.length, 5 * every); sync += every) if (head[sync] !== 0x47) return false
    return head.length >= every
  })
const isMpegVideo = anyOf(begins('\0\0\x01\xba', '\0\0\x01\xb3'), isTransport)

/**
 * Checks the sum in the header of the first entry, which even tars without a signature have. An archive without entries fits
 * too.
 */
const isTar: Fits = (head) => {
  if (head.length < 512) return false
  let sum = 8 * 0x20
  for (let at = 0; at < 512; at++) sum += at >= 148 && at < 156 ? 0 : head[at]!
  const said = /^ *([0-7]+)/.exec(head.toString('latin1', 148, 156))?.[1]
  return said === undefined ? sum === 8 * 0x20 : Number.parseInt(said, 8) === sum
}

/** Types whose signature proves the type, so that a wrong declared type is noticed. When two fit, the first counts. */
export const SHOWN: readonly (readonly [type: string, fits: Fits])[] = [
  ['image/png', begins('\x89PNG\r\n\x1a\n')],
  ['image/jpeg', begins('\xff\xd8\xff')],
  ['image/gif', begins('GIF87a', 'GIF89a')],
  ['image/webp', riff('WEBP')],
  ['image/bmp', (head) => isBmp(head) && has(head, 6, '\0\0\0\0')],
  ['image/tiff', begins('II*\0', 'MM\0*', 'II+\0', 'MM\0+')],
  ['image/avif', isAvif],
  ['image/heic', isHeif],
  ['image/jxl', begins('\0\0\0\x0cJXL \r\n\x87\n')],
  ['image/jp2', begins('\0\0\0\x0cjP  \r\n\x87\n')],
  ['image/vnd.adobe.photoshop', begins('8BPS\0')],
  ['audio/wav', riff('WAVE')],
  ['video/x-msvideo', riff('AVI ')],
  ['audio/aiff', (head) => has(head, 0, 'FORM') && (has(head, 8, 'AIFF') || has(head, 8, 'AIFC'))],
  ['audio/ogg', isOgg],
  ['audio/flac', begins('fLaC')],
  ['audio/mpeg', isTagged],
  ['audio/amr', begins('#!AMR')],
  ['audio/midi', begins('MThd\0\0\0\x06')],
  ['audio/mp4', movieOf('M4A ', 'M4B ')],
  ['video/quicktime', movieOf('qt  ')],
  ['video/mp4', (head) => has(head, 4, 'ftyp') && isMovie(head)],
  ['video/webm', (head) => isEbml(head) && head.subarray(0, 64).includes('webm')],
  ['video/x-matroska', isEbml],
  ['video/x-flv', begins('FLV\x01')],
  ['video/x-ms-asf', begins('0&\xb2u\x8ef\xcf\x11')],
  ['application/pdf', (head) => head.subarray(0, 1024).includes('%PDF-')],
  ['application/zip', isZip],
  ['application/gzip', begins('\x1f\x8b\x08')],
  ['application/x-7z-compressed', begins('7z\xbc\xaf\x27\x1c')],
  ['application/vnd.rar', begins('Rar!\x1a\x07')],
  ['application/x-xz', begins('\xfd7zXZ\0')],
  ['text/html', (head) => /^(\xef\xbb\xbf)?\s*<(!doctype html|html)\b/i.test(head.toString('latin1', 0, 512))],
]

/** Signatures that prove nothing about bytes of an unknown type, but that bytes of the declared type must have. */
const HELD: Record<string, Fits> = {
  'image/apng': begins('\x89PNG\r\n\x1a\n'),
  'image/bmp': isBmp,
  'image/heif': isHeif,
  'image/jxl': begins('\xff\x0a', '\0\0\0\x0cJXL \r\n\x87\n'),
  'image/jp2': begins('\0\0\0\x0cjP  \r\n\x87\n', '\xff\x4f\xff\x51'),
  'image/vnd.microsoft.icon': begins('\0\0\x01\0', '\0\0\x02\0'),
  'audio/mpeg': anyOf(isTagged, begins('APETAGEX'), isMpegAudio),
  'audio/aac': anyOf(isAdts, isTagged, begins('ADIF'), isMovie),
  'audio/flac': anyOf(begins('fLaC'), isTagged, isOgg),
  'audio/mp4': isMovie,
  'audio/opus': isOgg,
  'audio/webm': isEbml,
  'audio/x-matroska': isEbml,
  'audio/midi': anyOf(begins('MThd'), riff('RMID')),
  'audio/amr': begins('#!AMR'),
  'video/ogg': isOgg,
  'application/ogg': isOgg,
  'video/webm': isEbml,
  'video/mp4': isMovie,
  'video/quicktime': isMovie,
  'video/x-m4v': isMovie,
  'video/3gpp': isMovie,
  'audio/3gpp': isMovie,
  'video/mpeg': isMpegVideo,
  'video/mp2t': isTransport,
  'video/x-ms-wmv': begins('0&\xb2u\x8ef\xcf\x11'),
  'audio/x-ms-wma': begins('0&\xb2u\x8ef\xcf\x11'),
  'application/gzip': begins('\x1f\x8b'),
  'application/x-bzip2': begins('BZh'),
  'application/zstd': anyOf(begins('\x28\xb5\x2f\xfd'), (head) => (head[0]! & 0xf0) === 0x50 && has(head, 1, '*M\x18')),
  'application/x-tar': isTar,
  'application/rtf': begins('{\\rt'),
  'application/java-archive': isZip,
  'application/vnd.google-earth.kmz': isZip,
  'application/vnd.apache.parquet': begins('PAR1', 'PARE'),
  'application/vnd.sqlite3': begins('SQLite format 3\0'),
  'application/wasm': begins('\0asm'),
  'model/gltf-binary': begins('glTF'),
  'font/woff': begins('wOFF'),
  'font/woff2': begins('wOF2'),
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': office('word/'),
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': office('xl/'),
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': office('ppt/'),
  'audio/basic': begins('.snd'),
  'audio/x-caf': begins('caff'),
}

const SURE = new Map(SHOWN.filter(([type]) => !type.startsWith('text/')))

/** The signature that bytes of this type must have. Undefined for the many types without one. */
export function signatureOf(type: string): Fits | undefined {
  if (Object.hasOwn(HELD, type)) return HELD[type]
  const isPacked = /[+]zip$|^application\/vnd[.]oasis[.]opendocument[.](?!.*xml$)/.test(type)
  return SURE.get(type) ?? (isPacked ? packed(type) : undefined)
}
