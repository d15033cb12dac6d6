/** `images.generate` and `images.edit`: a text, and pictures where there are some, become pictures. Two of the table of tasks. */
import type { Manifest } from '@millrace/contracts'
import { misfit, nameIn, type OpenaiTask, parametersOf, refuseStream, type TaskBody, wordOf } from './openai-task.ts'

const RULES = {
  own: ['model', 'response_format', 'stream', 'partial_images'],
  named: {
    prompt: ['prompt', 'text', 'input', 'data'],
    n: ['n', 'num_outputs', 'num_images', 'num_images_per_prompt'],
    image: ['image', 'images', 'input_image', 'init_image'],
    mask: ['mask', 'mask_image'],
  },
  hints: ['user', 'quality', 'style', 'moderation', 'safety_identifier'],
  binding: ['n', 'size', 'background', 'output_format', 'output_compression', 'input_fidelity', 'image', 'mask'],
}

const image = { task: 'image', formOf, inputOf, show } as const

export const imageTask: OpenaiTask = {
  ...image,
  path: '/images/generations',
  operation: 'openaiCreateImage',
}

export const imageEditTask: OpenaiTask = {
  ...image,
  path: '/images/edits',
  operation: 'openaiEditImage',
}

function formOf(body: TaskBody): string {
  refuseStream(body)
  return wordOf(body, 'response_format', ['url', 'b64_json'])
}

function inputOf(body: TaskBody, manifest: Manifest): Record<string, unknown> {
  if (typeof body.prompt !== 'string') throw misfit('/prompt', 'expected a text')
  const { n, ...rest } = body
  const isOne = n === 1 || n === '1'
  // One picture is what a model gives that is not told how many.
  const counted = isOne && nameIn(manifest, RULES.named.n) === undefined ? rest : body
  return parametersOf(withSides(counted, manifest), manifest, RULES)
}

/** `1024x768` is a width and a height, for a model that has these. */
function withSides(body: TaskBody, manifest: Manifest): TaskBody {
  const { size, ...rest } = body
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(typeof size === 'string' ? size : '') ?? []
  const hasSides = nameIn(manifest, ['width']) !== undefined && nameIn(manifest, ['height']) !== undefined
  if (width === undefined || nameIn(manifest, ['size']) !== undefined || !hasSides) return body
  return { ...rest, width: Number(width), height: Number(height) }
}

function show({ urls, created }: Parameters<OpenaiTask['show']>[0]): unknown {
  return urls.length === 0 ? undefined : { created, data: urls.map((url) => ({ url })) }
}
