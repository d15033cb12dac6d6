/** The media type of a file of this disk, by its name. Called where a model is run without a server. */
import { extname } from 'node:path'

const BY_EXTENSION: Record<string, string> = {
  '.bmp': 'image/bmp',
  '.csv': 'text/csv',
  '.flac': 'audio/flac',
  '.gif': 'image/gif',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.ogg': 'audio/ogg',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
  '.txt': 'text/plain',
  '.wav': 'audio/wav',
  '.webm': 'video/webm',
  '.webp': 'image/webp',
  '.zip': 'application/zip',
}

/** Bytes that claim nothing fit every field. */
export const mediaTypeOf = (name: string): string =>
  BY_EXTENSION[extname(name).toLowerCase()] ?? 'application/octet-stream'
