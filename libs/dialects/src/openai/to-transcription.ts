/** What a model for transcriptions gives, as OpenAI's clients read it. Called by the routes of OpenAI and for rows of its batches. */

export const TRANSCRIPTION_FORMATS = ['json', 'text', 'verbose_json'] as const
export type TranscriptionFormat = (typeof TRANSCRIPTION_FORMATS)[number]

/** What `verbose_json` tells beside the text, as far as the model gives it. */
const VERBOSE = ['language', 'duration', 'segments', 'words'] as const

/** A text for `text`, else the body as a value. Undefined: the output has no text. */
export function toTranscription(
  output: unknown,
  format: TranscriptionFormat,
): string | Record<string, unknown> | undefined {
  const said = isObject(output) ? output : {}
  const text = textIn(output)
  if (text === undefined) return undefined
  if (format === 'text') return text
  const usage = isObject(said.usage) && { usage: said.usage }
  if (format === 'json') return { text, ...usage }
  const more = VERBOSE.flatMap((key) => (said[key] === undefined ? [] : [[key, said[key]] as const]))
  return { task: 'transcribe', text, ...Object.fromEntries(more), ...usage }
}

/** Alone, or named as models name it. */
function textIn(output: unknown): string | undefined {
  if (!isObject(output)) return typeof output === 'string' ? output : undefined
  const [text] = ['text', 'transcription', 'transcript', 'prediction'].flatMap((key) => {
    const value = Object.hasOwn(output, key) ? output[key] : undefined
    return typeof value === 'string' ? [value] : []
  })
  return text
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
