/** Reads text that stands for a file kept here or served elsewhere. Called by take-input.ts and resolve-input-files.ts. */
import { fileIdSchema, LIMITS } from '@millrace/contracts'

/** An uploaded file or one of a job; or an address that the worker fetches. */
export type FileReference = { kind: 'file'; id: string } | { kind: 'link'; url: string }

/** Undefined when the text is none. `base`: how addresses of this server begin; an address below it means its file. */
export function parseFileReference(text: string, base: string): FileReference | undefined {
  if (fileIdSchema.safeParse(text).success) return { kind: 'file', id: text }
  if (!/^https?:\/\//i.test(text) || text.length > LIMITS.urlChars || !URL.canParse(text)) return undefined
  const own = ownFileId(text, base)
  return own === undefined ? { kind: 'link', url: text } : { kind: 'file', id: own }
}

/** How addresses of files here may be written: as ours, as clients of Replicate are told, and as those of fal are. */
const OWN_PATHS = [/^(?:\/(?:replicate|openai))?\/v1\/files\/([^/]+)(?:\/content)?$/, /^\/fal\/cdn\/files\/([^/]+)\//]

function ownFileId(text: string, base: string): string | undefined {
  if (base === '' || !URL.canParse(base)) return undefined
  const [url, home] = [new URL(text), new URL(base)]
  if (url.origin !== home.origin) return undefined
  const path = url.pathname.slice(home.pathname.replace(/\/$/, '').length)
  const id = OWN_PATHS.map((own) => own.exec(path)?.[1]).find((one) => one !== undefined)
  return id !== undefined && fileIdSchema.safeParse(id).success ? id : undefined
}
