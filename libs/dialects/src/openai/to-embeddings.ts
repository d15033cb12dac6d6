/** What a model for embeddings gives, as OpenAI's clients read it. Called by the routes of OpenAI and for rows of its batches. */

export interface EmbeddingParts {
  output: unknown
  model: string
  /** How many texts were given. */
  count: number
  /** `base64`: of 32-bit floats, little-endian. */
  format: 'float' | 'base64'
}

/** Undefined: the output is no vector for each text. */
export function toEmbeddings({ output, model, count, format }: EmbeddingParts): Record<string, unknown> | undefined {
  const vectors = vectorsIn(output, count)
  if (!vectors || vectors.length !== count) return undefined
  const data = vectors.map((vector, index) => ({
    ...{ object: 'embedding', index, embedding: format === 'base64' ? packed(vector) : vector },
  }))
  const used = tokensIn(output)
  return { object: 'list', data, model, usage: { prompt_tokens: used, total_tokens: used } }
}

/** A list of vectors, or one vector; either alone, or named as models name it. */
function vectorsIn(output: unknown, count: number): number[][] | undefined {
  const [named] = ['embeddings', 'embedding', 'data', 'vectors', 'vector', 'prediction', 'predictions'].flatMap(
    (key) => (isObject(output) && Object.hasOwn(output, key) ? [output[key]] : []),
  )
  const given = named ?? output
  if (!Array.isArray(given)) return undefined
  if (count === 1 && isVector(given)) return [given]
  const each = given.map((one: unknown) => (isObject(one) ? one.embedding : one))
  return each.every(isVector) ? each : undefined
}

/** 0 where the model does not say it. */
function tokensIn(output: unknown): number {
  const usage = isObject(output) ? output.usage : undefined
  const tokens = isObject(usage) ? (usage.prompt_tokens ?? usage.total_tokens) : undefined
  return typeof tokens === 'number' && Number.isInteger(tokens) && tokens >= 0 ? tokens : 0
}

function packed(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [i, value] of vector.entries()) bytes.writeFloatLE(value, i * 4)
  return bytes.toString('base64')
}

const isVector = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number')

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
