import { z } from 'zod'
import { fileIdSchema } from './job-id.ts'

const contentType = z.string().max(255).describe('Media type, as declared by whoever stored it.')
const size = z.number().int().min(0).describe('Size in bytes.')
const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('SHA-256 of the bytes, in hexadecimal.')
const name = z.string().min(1).max(128).describe('Safe file name, [A-Za-z0-9._-].')

/** Bytes in the object store, as the record keeps them. Internal: the key never leaves the house. */
export const storedValueSchema = z.object({
  key: z.string().describe('Key in the object store, written once.'),
  size,
  sha256,
})
export type StoredValue = z.infer<typeof storedValueSchema>

/** A file of a job as the record keeps it: where it belongs in the value, and where its bytes are. */
export const storedFileSchema = storedValueSchema.extend({
  id: fileIdSchema,
  pointer: z.string().describe('JSON pointer (RFC 6901) to its place in the input or output, such as /pages/0.'),
  content_type: contentType,
  name,
})
export type StoredFile = z.infer<typeof storedFileSchema>

/** A file as a reader of a job sees it. */
export const fileViewSchema = z
  .object({
    object: z.literal('file'),
    id: fileIdSchema,
    url: z.string().describe('Signed address of the bytes; needs no key. Read the job again for a fresh one.'),
    content_type: contentType,
    size,
    sha256,
    name,
    expires_at: z.iso.datetime().describe('When `url` stops working.'),
  })
  .meta({ id: 'File' })
export type FileView = z.infer<typeof fileViewSchema>

/** Maps any text to a name that is safe on every disk and in every header. Never empty, at most 128 characters. */
export function safeFileName(text: string, fallback = 'file'): string {
  const base = text.split(/[/\\]/).at(-1) ?? ''
  const safe = base
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
  return safe.slice(-128) || fallback
}
