/**
 * What is in a backup. Its parts are numbered; each is of objects (`head.ndjson`, `object-0001` and on, `sums.ndjson`) or of the record
 * (`record.ndjson.gz`). The manifest comes last, so a backup without one was not finished. It has the hash of each part, and the sums have
 * that of each object. Written by writeBackup, read by readBackup.
 */
import { z } from 'zod'

export const BACKUP_FORMAT = 1
export const MANIFEST = 'manifest.json'
/** A manifest names each part, and a part is of hundreds of objects. Bytes. */
export const MOST_MANIFEST_BYTES = 64 * 1024 * 1024
export const OBJECTS_IN_PART = 500
/** A part of the record is closed when it has so much text. Bytes before it is packed. */
export const RECORD_PART_BYTES = 8 * 1024 * 1024

const counts = z.record(z.string(), z.number().int().nonnegative())
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

export const manifestSchema = z.object({
  format: z.literal(BACKUP_FORMAT),
  /** Of Millrace. */
  version: z.string(),
  /** In which the record keeps jobs. */
  layout: z.number().int(),
  /** The moment at which the record stood so. */
  at: z.iso.datetime(),
  /** How long writes to Redis were held back. Milliseconds. */
  paused_ms: z.number(),
  /** Where the objects were: S3_PREFIX, or null. */
  prefix: z.string().nullable(),
  record: z.object({ keys: z.number().int(), areas: counts, jobs: counts }),
  /** `missing`: deleted between the listing and the copying. */
  objects: z.object({ count: z.number().int(), bytes: z.number().int(), missing: z.number().int() }),
  parts: z.array(z.object({ name: z.string().regex(/^\d{6}$/), kind: z.enum(['objects', 'record']), sha256 })),
})

export type Manifest = z.infer<typeof manifestSchema>

/** A line of `head.ndjson`: the object of the entry with the same number. */
export const headSchema = z.object({ key: z.string(), size: z.number().int(), type: z.string() })
export type ObjectHead = z.infer<typeof headSchema>

/** A line of `sums.ndjson`. An object without one had been deleted meanwhile, and has no entry. */
export const sumSchema = z.object({ entry: z.number().int(), sha256 })

/** A line of the record; see CopiedKey. */
export const recordLineSchema = z.object({
  key: z.string(),
  expires: z.number().optional(),
  status: z.string().optional(),
  /** Base64. */
  dump: z.string().optional(),
})

export const objectEntry = (part: string, index: number): string => `${part}/object-${String(index).padStart(4, '0')}`
export const partName = (number: number): string => String(number).padStart(6, '0')
