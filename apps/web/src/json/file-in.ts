/** Files in a value, as the API shows them. */
import { isObject, type Json, JsonNumber } from './json.ts'

export interface FileShown {
  id: string
  name: string
  type: string
  size: number
  /** Where its bytes are, relative to the page. */
  url: string
}

/** The file that a value is; undefined when it is none. */
export function fileIn(value: Json | undefined): FileShown | undefined {
  if (!isObject(value) || value.get('object') !== 'file') return undefined
  const [id, name, type, url, size] = ['id', 'name', 'content_type', 'url', 'size'].map((key) => value.get(key))
  if (typeof id !== 'string' || typeof url !== 'string') return undefined
  return {
    id,
    name: typeof name === 'string' ? name : id,
    type: typeof type === 'string' ? type : '',
    size: size instanceof JsonNumber ? Number(size.text) : 0,
    url: belowPage(url),
  }
}

/** All files of a value, at most so many, in their order. */
export function filesIn(value: Json | undefined, most = 20): FileShown[] {
  const found: FileShown[] = []
  const look = (part: Json | undefined): void => {
    if (found.length >= most) return
    const file = fileIn(part)
    if (file) found.push(file)
    else if (Array.isArray(part)) part.forEach(look)
    else if (isObject(part)) [...part.values()].forEach(look)
  }
  look(value)
  return found
}

/** The part of an address of the API behind its host: a proxy may serve the page below a path that the API does not know. */
export function belowPage(url: string): string {
  const at = url.indexOf('/v1/')
  return at === -1 ? 'about:blank' : url.slice(at + 1)
}
