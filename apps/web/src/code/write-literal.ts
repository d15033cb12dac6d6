/** A value of JSON as a literal of TypeScript or Python, with files of this machine in their places. */
import { type Json, JsonNumber } from '../json/json.ts'

export interface Language {
  null: string
  true: string
  false: string
  /** A key of an object. */
  key: (name: string) => string
  file: (name: string) => string
}

export const TYPESCRIPT: Language = {
  null: 'null',
  true: 'true',
  false: 'false',
  // A bare `__proto__` would set the prototype.
  key: (name) => (name === '__proto__' ? '["__proto__"]' : /^[A-Za-z_$][\w$]*$/.test(name) ? name : text(name)),
  file: (name) => `fileAt(${text(name)})`,
}

export const PYTHON: Language = {
  null: 'None',
  true: 'True',
  false: 'False',
  key: text,
  file: (name) => `Path(${text(name)})`,
}

const LINE_CHARS = 72

/** `files`: names by the pointer of their place. */
export function writeLiteral(value: Json, language: Language, files: ReadonlyMap<string, string>): string {
  const write = (part: Json, pointer: string, before: string): string => {
    const file = files.get(pointer)
    if (file !== undefined) return language.file(file)
    if (part === null) return language.null
    if (typeof part === 'boolean') return part ? language.true : language.false
    if (typeof part === 'string') return text(part)
    if (part instanceof JsonNumber) return part.text
    const inner = `${before}  `
    const [open, close] = Array.isArray(part) ? '[]' : '{}'
    const parts = Array.isArray(part)
      ? part.map((item, at) => write(item, `${pointer}/${at}`, inner))
      : [...part].map(([key, item]) => `${language.key(key)}: ${write(item, `${pointer}/${escaped(key)}`, inner)}`)
    const pad = Array.isArray(part) || parts.length === 0 || language === PYTHON ? '' : ' '
    const line = `${open}${pad}${parts.join(', ')}${pad}${close}`
    if (before.length + line.length <= LINE_CHARS && !line.includes('\n')) return line
    return `${open}\n${parts.map((one) => `${inner}${one},\n`).join('')}${before}${close}`
  }
  return write(value, '', '')
}

/** JSON's escapes are those of both languages. What turns the direction of text is escaped too: nobody is to be fooled. */
export function text(value: string): string {
  const hidden = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g
  return JSON.stringify(value).replaceAll(hidden, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')
