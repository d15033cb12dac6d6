/**
 * A call of OpenAI's that is a job of a model with that task: how the body of the call becomes an input, and the output the body of the
 * answer. It does not matter whether it came as a request, as a form or as a row of a batch. Each has a file here.
 */
import { type Fault, type Manifest, type ModelTask, ProblemError } from '@millrace/contracts'
import { FormPlaces } from '../../../submit/forms/form-input.ts'

export type TaskBody = Readonly<Record<string, unknown>>

/** What a job has given. */
export interface TaskOutput {
  output: unknown
  /** Addresses of the files in it, in their order. */
  urls: readonly string[]
  model: string
  /** When it was given. Unix seconds. */
  created: number
}

export interface OpenaiTask {
  task: ModelTask
  /** Below the base of the dialect. */
  path: string
  /** Of its route. */
  operation: string
  /** In what form the answer is wanted, for `show`. Throws ProblemError. */
  formOf(body: TaskBody): string
  /** Throws ProblemError. */
  inputOf(body: TaskBody, manifest: Manifest): Record<string, unknown>
  /** The body of the answer; a text is sent as it is. Undefined: the output is not what the task promises. */
  show(given: TaskOutput, form: string): unknown
}

/** How the parameters of a call are given to models. */
export interface ParameterRules {
  /** Read by the task itself. */
  own: readonly string[]
  /** By what they are called there: the names that models give them. The first that a model has is taken. */
  named: Readonly<Record<string, readonly string[]>>
  /** Left out where a model has no such parameter. */
  hints: readonly string[]
  /** They say what the result is to be, so a model without such a parameter must not be asked. */
  binding: readonly string[]
}

/** What the call says, by the names of the model. What OpenAI has no word for, it is given as it is. Throws ProblemError. */
export function parametersOf(body: TaskBody, manifest: Manifest, rules: ParameterRules): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(body)) {
    if (value === null || value === undefined || rules.own.includes(key)) continue
    const names = Object.hasOwn(rules.named, key) ? (rules.named[key] ?? []) : [key]
    const name = nameIn(manifest, names)
    if (name !== undefined) input[name] = value
    else if (rules.hints.includes(key) || value === 'auto') continue
    else if (rules.binding.includes(key)) throw misfit(`/${key}`, `is no parameter of the model ${manifest.name}`)
    else input[names[0] ?? key] = value
  }
  return input
}

/** The first of these names that an input of the model has. */
export function nameIn({ input_schema }: Manifest, names: readonly string[]): string | undefined {
  const places = new FormPlaces([input_schema])
  return names.find((name) => places.has(name))
}

/** One of these words, or the first when there is none. Throws ProblemError. */
export function wordOf<Word extends string>(body: TaskBody, key: string, words: readonly [Word, ...Word[]]): Word {
  const given = body[key] ?? words[0]
  const known = words.find((word) => word === given)
  if (known === undefined) throw misfit(`/${key}`, `takes ${words.join(' or ')}`)
  return known
}

/** Nothing is streamed here. Throws ProblemError. */
export function refuseStream({ stream }: TaskBody): void {
  if (stream === true || stream === 'true') throw misfit('/stream', 'is not supported here: leave it out')
}

export function misfit(path: string, message: string): ProblemError {
  const fault: Fault = { path, code: 'value', message }
  return new ProblemError('invalid_request', { errors: [fault] })
}
