/** One row of the tables beside this file: a small Cog model, and what Cog itself answers to each input. */
export interface CogModel {
  /** What the model is there to show. */
  shows: string
  /** predict.py, or all files by name. */
  model: string | Record<string, string>
  /** Lines of cog.yaml; by default it names what the model has. */
  cogYaml?: string
  env?: Record<string, string>
  config?: Record<string, unknown>
  trainRef?: string
  /** Written as Python 3.10 and later has it. */
  modern?: true
  /** Needs the packages of requirements.txt. */
  packages?: true
  /** Fields of the manifest. */
  manifest?: Record<string, unknown>
  /** What is said when it cannot be loaded. */
  notLoaded?: RegExp
  tries?: Try[]
}

/** Input, and what comes of it. `differs`: the original answers otherwise, and why we do not. */
export type Try = [input: Record<string, unknown>, wanted: Wanted]

export type Wanted = {
  /** Output with `{ file: text }` in place of each file. */
  gives?: unknown
  /** The API refuses it, and so does the model. */
  refused?: true
  /** The model raises, with this in the message. */
  fails?: RegExp
  /** What it gave before. */
  partial?: unknown
  crashed?: true
  chunks?: unknown[]
  metrics?: Record<string, unknown>
  kind?: 'training'
  logs?: RegExp
  differs?: string
}

export const gives = (output: unknown, more: Omit<Wanted, 'gives'> = {}): Wanted => ({ gives: output, ...more })
export const refused: Wanted = { refused: true }
export const fails = (message: RegExp, more: Omit<Wanted, 'fails'> = {}): Wanted => ({ fails: message, ...more })

/** A text as a file of an input. */
export const asFile = (text: string, type = 'text/plain'): string =>
  `data:${type};base64,${Buffer.from(text).toString('base64')}`
export const file = (text: string): { file: string } => ({ file: text })
