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

export const ANY_BYTES = 'application/octet-stream'

/**
 * The declared type, in lower case and without parameters. Many clients declare none (or `text/plain`, what a multipart
 * part without a type has by the standard): then the extension of the file name decides.
 */
export function mediaTypeOf(declared: string | undefined, fileName: string | undefined): string {
  const essence = declared?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const isType = /^[a-z0-9!#$&^_.+-]{1,100}\/[a-z0-9!#$&^_.+-]{1,100}$/.test(essence)
  if (isType && essence !== ANY_BYTES && essence !== 'text/plain') return essence
  const extension = /\.[^.]*$/.exec(fileName ?? '')?.[0].toLowerCase() ?? ''
  const known = Object.hasOwn(BY_EXTENSION, extension) ? BY_EXTENSION[extension] : undefined
  return known ?? (isType ? essence : ANY_BYTES)
}

/** Whether a type is one of those accepted: `image/*`, `image/png, image/jpeg`; `application/octet-stream` takes all. */
export function acceptsMediaType(accepted: string, type: string): boolean {
  return accepted.split(',').some((one) => {
    const pattern = one.trim().toLowerCase()
    if (pattern === '' || pattern === ANY_BYTES || pattern === '*/*') return true
    return pattern.endsWith('/*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type
  })
}
