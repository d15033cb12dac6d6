/** `embeddings.create`: texts become vectors. One of the table of tasks. */
import type { Manifest } from '@millrace/contracts'
import { toEmbeddings } from '@millrace/dialects'
import { FormPlaces } from '../../../submit/forms/form-input.ts'
import { misfit, nameIn, type OpenaiTask, parametersOf, type TaskBody, wordOf } from './openai-task.ts'

/** What models call the texts. */
const TEXTS = ['input', 'inputs', 'texts', 'text', 'sentences', 'documents', 'prompt', 'data'] as const

const RULES = {
  own: ['model', 'input', 'encoding_format'],
  named: { dimensions: ['dimensions', 'dim'] },
  hints: ['user'],
  binding: ['dimensions'],
}

export const embeddingTask: OpenaiTask = {
  task: 'embedding',
  path: '/embeddings',
  operation: 'openaiCreateEmbedding',
  formOf: (body) => `${wordOf(body, 'encoding_format', ['float', 'base64'])} ${textsOf(body).length}`,
  inputOf: (body, manifest) => ({ ...parametersOf(body, manifest, RULES), ...namedTexts(textsOf(body), manifest) }),
  show: ({ output, model }, form) => {
    const [format, count] = form.split(' ')
    return toEmbeddings({ output, model, count: Number(count), format: format === 'base64' ? 'base64' : 'float' })
  },
}

function textsOf({ input }: TaskBody): string[] {
  const texts: unknown[] = Array.isArray(input) ? input : [input]
  if (texts.length === 0) throw misfit('/input', 'has no text')
  if (texts.every((text) => typeof text === 'string')) return texts
  const isTokens = texts.every((one) => typeof one === 'number' || Array.isArray(one))
  throw misfit('/input', isTokens ? 'takes texts, not tokens: tokens are of one model only' : 'takes texts')
}

/** A model that takes a list is given one, whatever was sent. */
function namedTexts(texts: readonly string[], manifest: Manifest): Record<string, unknown> {
  const name = nameIn(manifest, TEXTS)
  if (name === undefined || new FormPlaces([manifest.input_schema]).takesSeveral([name])) {
    return { [name ?? TEXTS[0]]: texts }
  }
  if (texts.length === 1) return { [name]: texts[0] }
  throw misfit('/input', `the model ${manifest.name} takes one text at a time, and these are ${texts.length}`)
}
