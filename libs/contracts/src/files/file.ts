/**
 * The shapes of a file: as a job's record keeps it, as a client announces it, and as a reader sees it. Used by the API,
 * the worker and the client.
 */
import { z } from 'zod'
import { fileIdSchema, jobFileIdSchema, uploadIdSchema } from '../ids.ts'
import { LIMITS } from '../limits.ts'

const contentType = z
  .string()
  .max(255)
  .describe('Media type: what the bytes show, else as declared by whoever stored it.')
const size = z.number().int().min(0).describe('Size in bytes.')
const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('SHA-256 of the bytes, in hexadecimal.')
const name = z.string().min(1).max(128).describe('Safe file name, [A-Za-z0-9._-].')

/** Bytes in the object store, as the record keeps them. Internal: clients never see the key. */
export const storedValueSchema = z.object({
  key: z.string().describe('Key in the object store. Bytes are written there once and never changed.'),
  size,
  sha256,
})
export type StoredValue = z.infer<typeof storedValueSchema>

/** A file of a job, as the record keeps it: its place in the input or output, and where its bytes are. */
export const storedFileSchema = storedValueSchema.extend({
  id: jobFileIdSchema,
  pointer: z.string().describe('JSON pointer (RFC 6901) to its place in the input or output, such as /pages/0.'),
  content_type: contentType,
  name,
})
export type StoredFile = z.infer<typeof storedFileSchema>

/**
 * A file of an input that lies at an address the client gave. The first attempt fetches it and replaces this by a
 * stored file.
 */
export const linkedFileSchema = z.object({
  id: jobFileIdSchema,
  pointer: storedFileSchema.shape.pointer,
  url: z.string().describe('Where to fetch it. Never logged: its query may be a secret.'),
  accept: z.string().describe('Media types that the model accepts at this place, separated by commas.'),
})
export type LinkedFile = z.infer<typeof linkedFileSchema>

/** A file of an input: stored already, or still to be fetched. */
export const inputFileSchema = z.union([storedFileSchema, linkedFileSchema])
export type InputFile = z.infer<typeof inputFileSchema>

/** True when the bytes are in the object store, false when they are still to be fetched. */
export const isStored = (file: InputFile): file is StoredFile => 'key' in file

/** A file as the API shows it to a reader of a job. */
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

/** Body of `POST /v1/files` as JSON: the client announces the bytes it will send. */
export const uploadRequestSchema = z
  .strictObject({
    name: z.string().min(1).max(1024).default('file').describe('File name; unsafe characters are replaced.'),
    content_type: z
      .string()
      .regex(/^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}$/)
      .optional()
      .describe('Media type, without parameters. Default: by the extension of the name.'),
    size: size.max(LIMITS.uploadBytes),
    sha256,
  })
  .meta({
    id: 'UploadRequest',
    examples: [
      {
        name: 'hello.txt',
        size: 5,
        sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
      },
    ],
  })
export type UploadRequest = z.infer<typeof uploadRequestSchema>

const signedRequest = {
  url: z.string().describe('Send the bytes to this address with PUT. No API key is needed.'),
  headers: z
    .record(z.string(), z.string())
    .describe('Send these headers with the request. HTTP clients set `content-length` themselves.'),
}

/** An announced upload that is not completed yet: what to send, and where. */
export const uploadSchema = z
  .object({
    object: z.literal('upload'),
    id: uploadIdSchema,
    content_type: contentType,
    size,
    sha256,
    name,
    expires_at: z.iso.datetime().describe('The upload must be completed by then: POST /v1/files/{id}/complete.'),
    put: z
      .object(signedRequest)
      .nullable()
      .describe('One request that sends all bytes. Null when they are sent in parts.'),
    parts: z
      .array(z.object({ number: z.number().int(), start: z.number().int(), size, ...signedRequest }))
      .describe(
        'The parts of a large file; `start` is the offset of the first byte of a part. Empty when one request is enough.',
      ),
  })
  .meta({ id: 'Upload' })
export type UploadView = z.infer<typeof uploadSchema>

/** A file that a client uploaded. */
export const uploadedFileSchema = fileViewSchema
  .extend({
    kept_until: z.iso
      .datetime()
      .nullable()
      .describe('The file is deleted then, unless a job uses it. Null while a job uses it.'),
  })
  .meta({ id: 'UploadedFile' })
export type UploadedFile = z.infer<typeof uploadedFileSchema>
