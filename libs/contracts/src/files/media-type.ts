/** Which media type a file has, and whether a model takes it. Used for every file of an input. */
const BY_EXTENSION: Record<string, string> = {
  '.avif': 'image/avif',
  '.bmp': 'image/bmp',
  '.csv': 'text/csv',
  '.flac': 'audio/flac',
  '.gif': 'image/gif',
  '.gz': 'application/gzip',
  '.heic': 'image/heic',
  '.html': 'text/html',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.m4a': 'audio/mp4',
  '.md': 'text/markdown',
  '.mkv': 'video/x-matroska',
  '.mov': 'video/quicktime',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.ogg': 'audio/ogg',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.tar': 'application/x-tar',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
  '.txt': 'text/plain',
  '.wav': 'audio/wav',
  '.webm': 'video/webm',
  '.webp': 'image/webp',
  '.zip': 'application/zip',
}

/** Other names of a type, in use beside the usual one. */
const ALIASES: Record<string, string> = {
  'application/bzip2': 'application/x-bzip2',
  'application/mp4': 'video/mp4',
  'application/tar': 'application/x-tar',
  'application/vnd.gzip': 'application/gzip',
  'application/x-gzip': 'application/gzip',
  'application/x-7z': 'application/x-7z-compressed',
  'application/x-pdf': 'application/pdf',
  'application/x-rar': 'application/vnd.rar',
  'application/x-rar-compressed': 'application/vnd.rar',
  'application/x-sqlite3': 'application/vnd.sqlite3',
  'application/x-zip': 'application/zip',
  'application/x-zip-compressed': 'application/zip',
  'application/x-zstd': 'application/zstd',
  'application/zip-compressed': 'application/zip',
  'audio/aacp': 'audio/aac',
  'audio/m4a': 'audio/mp4',
  'audio/mid': 'audio/midi',
  'audio/mp3': 'audio/mpeg',
  'audio/mp4a-latm': 'audio/mp4',
  'audio/mpeg3': 'audio/mpeg',
  'audio/mpg': 'audio/mpeg',
  'audio/vnd.wave': 'audio/wav',
  'audio/wave': 'audio/wav',
  'audio/x-aac': 'audio/aac',
  'audio/x-aiff': 'audio/aiff',
  'audio/x-flac': 'audio/flac',
  'audio/x-m4a': 'audio/mp4',
  'audio/x-m4b': 'audio/mp4',
  'audio/x-midi': 'audio/midi',
  'audio/x-mp3': 'audio/mpeg',
  'audio/x-mpeg': 'audio/mpeg',
  'audio/x-mpeg-3': 'audio/mpeg',
  'audio/x-mpg': 'audio/mpeg',
  'audio/x-pn-wav': 'audio/wav',
  'audio/x-wav': 'audio/wav',
  'image/heic-sequence': 'image/heic',
  'image/heif-sequence': 'image/heif',
  'image/icon': 'image/vnd.microsoft.icon',
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/tif': 'image/tiff',
  'image/x-bmp': 'image/bmp',
  'image/x-icon': 'image/vnd.microsoft.icon',
  'image/x-ms-bmp': 'image/bmp',
  'image/x-png': 'image/png',
  'image/x-tiff': 'image/tiff',
  'image/x-webp': 'image/webp',
  'text/rtf': 'application/rtf',
  'video/avi': 'video/x-msvideo',
  'video/matroska': 'video/x-matroska',
  'video/mkv': 'video/x-matroska',
  'video/msvideo': 'video/x-msvideo',
  'video/vnd.avi': 'video/x-msvideo',
  'video/x-mpeg': 'video/mpeg',
  'video/x-quicktime': 'video/quicktime',
  'video/x-webm': 'video/webm',
}

/** The usual name of a type: `image/jpg` is `image/jpeg`. In lower case and without parameters, both. */
export const canonicalMediaType = (type: string): string => (Object.hasOwn(ALIASES, type) ? ALIASES[type]! : type)

/** A media type without its parameters, in lower case: of `Text/HTML; charset=utf-8` it is `text/html`. Empty for none. */
export const essenceOf = (type: string | null | undefined): string => type?.split(';', 1)[0]?.trim().toLowerCase() ?? ''

export const ANY_BYTES = 'application/octet-stream'

/**
 * The declared type, in lower case and without parameters. Many clients declare none (or `text/plain`, what a multipart
 * part without a type has by the standard): then the extension of the file name decides.
 */
export function mediaTypeOf(declared: string | undefined, fileName: string | undefined): string {
  const essence = essenceOf(declared)
  const isType = /^[a-z0-9!#$&^_.+-]{1,100}\/[a-z0-9!#$&^_.+-]{1,100}$/.test(essence)
  if (isType && essence !== ANY_BYTES && essence !== 'text/plain') return essence
  const extension = /\.[^.]*$/.exec(fileName ?? '')?.[0].toLowerCase() ?? ''
  const known = Object.hasOwn(BY_EXTENSION, extension) ? BY_EXTENSION[extension] : undefined
  return known ?? (isType ? essence : ANY_BYTES)
}

/**
 * Whether a type is one of those accepted: `image/*`, `image/png, image/jpeg`; `application/octet-stream` takes all.
 * Another name of the same type is that type.
 */
export function acceptsMediaType(accepted: string, type: string): boolean {
  const canonical = canonicalMediaType(type)
  return accepted.split(',').some((one) => {
    const pattern = one.trim().toLowerCase()
    if (pattern === '' || pattern === ANY_BYTES || pattern === '*/*') return true
    return pattern.endsWith('/*')
      ? canonical.startsWith(pattern.slice(0, -1))
      : canonicalMediaType(pattern) === canonical
  })
}
