/**
 * Where the page is: the part of the address behind `#`. So it works below any path, and the server knows nothing of it. Used by
 * screens and by whatever links to one.
 */
import { computed, signal } from '@preact/signals'

export interface Place {
  /** Such as `/jobs/job_1`; each part is decoded. */
  path: string
  query: URLSearchParams
}

const hash = signal(globalThis.location?.hash ?? '')

/** The present place. */
export const place = computed(() => placeOf(hash.value))

/** Follows the address from now on. Called once, by main.tsx. */
export function followAddress(): void {
  addEventListener('hashchange', () => {
    hash.value = location.hash
  })
  hash.value = location.hash
}

export function placeOf(text: string): Place {
  const [path = '', query = ''] = text.replace(/^#/, '').split(/\?(.*)/s)
  return { path: path === '' ? '/' : path, query: new URLSearchParams(query) }
}

type Query = Record<string, string | number | undefined>

/** The address of a place, for `href`. Parts of the path are encoded; what is undefined or empty is left out of the query. */
export function hrefOf(parts: readonly string[], query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return `#/${parts.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`
}

/** Goes there. `replace` leaves no step to go back to. */
export function goTo(href: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', href)
  else history.pushState(null, '', href)
  hash.value = location.hash
}

/** The parameters of a path by a pattern such as `/models/:name`; undefined when it does not fit. */
export function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  if (wanted.length !== given.length) return undefined
  const found: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const there = given[index] ?? ''
    if (!part.startsWith(':') && part !== there) return undefined
    if (part.startsWith(':')) {
      const value = decoded(there)
      if (value === undefined || value === '') return undefined
      found[part.slice(1)] = value
    }
  }
  return found
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
