/**
 * The packages that make the site. This folder is a package of its own, so that only who builds the site waits for them, and are
 * loaded when it is built: `node scripts/setup.mjs --docs` installs them. Their types are written down here, as far as they are
 * used, because the house is checked without them. Called by read-page.ts and build-site.ts.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** False where they are not installed; tests of the site are skipped then. */
export const HAS_SITE_LIBRARIES = existsSync(new URL('node_modules/marked/package.json', import.meta.url))

interface Highlighter {
  getLanguage(name: string): object | undefined
  highlight(text: string, options: { language: string }): { value: string }
}
export const loadHighlighter = (): Highlighter => require('highlight.js') as Highlighter

/** Some text with marks, such as `code`, not yet HTML. */
type Inline = readonly object[]
interface Renderers {
  heading(this: Renderer, token: { tokens: Inline; text: string; depth: number }): string
  code(token: { text: string; lang?: string }): string
  link(this: Renderer, token: { href: string; title?: string | null; tokens: Inline }): string
  image(token: { href: string }): string
  html(token: { text: string }): string
}
interface Renderer {
  parser: { parseInline(tokens: Inline, renderer?: object): string; textRenderer: object }
}
interface Marked {
  use(extension: { renderer: Renderers }): void
  parse(markdown: string, options: { async: false }): string
}
export const newMarked = (): Marked => new (require('marked') as { Marked: new () => Marked }).Marked()

/** The path of the search for a plain script element. It lies beside what Node would load. */
export const searchScript = (): string => join(dirname(require.resolve('minisearch')), '../umd/index.js')
