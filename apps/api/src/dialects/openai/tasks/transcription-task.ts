/** `audio.transcriptions.create`: speech becomes text. One of the table of tasks. */
import type { Manifest } from '@millrace/contracts'
import { toTranscription, TRANSCRIPTION_FORMATS, type TranscriptionFormat } from '@millrace/dialects'
import { choicesOf, isSchema } from '@millrace/schema'
import { misfit, type OpenaiTask, parametersOf, refuseStream, type TaskBody, wordOf } from './openai-task.ts'

const RULES = {
  own: ['model', 'response_format', 'stream'],
  named: {
    file: ['file', 'audio', 'audio_file', 'input', 'data'],
    prompt: ['prompt', 'initial_prompt'],
  },
  hints: ['language', 'prompt', 'temperature', 'chunking_strategy', 'include', 'timestamp_granularities'],
  binding: [],
}

export const transcriptionTask: OpenaiTask = {
  task: 'transcription',
  path: '/audio/transcriptions',
  operation: 'openaiCreateTranscription',
  formOf: (body) => {
    refuseStream(body)
    return wordOf(body, 'response_format', TRANSCRIPTION_FORMATS)
  },
  inputOf,
  show: ({ output }, form) => toTranscription(output, form as TranscriptionFormat),
}

function inputOf(body: TaskBody, manifest: Manifest): Record<string, unknown> {
  if (typeof body.file !== 'string') throw misfit('/file', 'expected one file')
  if (body.response_format === 'verbose_json' && !tellsMore(manifest)) {
    throw misfit('/response_format', `the model ${manifest.name} gives a text alone: ask for json or text`)
  }
  return parametersOf(body, manifest, RULES)
}

/** Whether an output may have more than a text in it. */
const tellsMore = ({ output_schema }: Manifest): boolean =>
  choicesOf(output_schema, output_schema).some(({ type, properties }) => {
    if (!isSchema(properties)) return type === undefined || type === 'object'
    return ['segments', 'words', 'duration', 'language'].some((key) => Object.hasOwn(properties, key))
  })
