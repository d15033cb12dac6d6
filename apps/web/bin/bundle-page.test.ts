/** The files of the page: few, small, and nothing of what runs on a server. */
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { bundlePage } from './bundle-page.mjs'

/** Bytes as a browser gets them: what each visit loads, and with what is loaded later. Words and libraries are 19 KB of it. */
const MOST_FIRST = 50_500
const MOST_SCRIPT = 75_000
const MOST_STYLE = 10_000

it('is one page, one style sheet, and little script, which loads nothing from elsewhere', async () => {
  const files = await bundlePage()
  expect(files.map(({ name }) => name.replace(/-\w{8}\./, '.')).sort()).toEqual([
    ...['chunk.js', 'index.html', 'later-screens.js', 'page.css', 'page.js'],
  ])
  const of = (start: string, ending: string): string =>
    Buffer.from(files.find(({ name }) => name.startsWith(start) && name.endsWith(ending))!.bytes).toString()
  const [index, page, shared, later, style] = [
    ...[of('index', '.html'), of('page', '.js'), of('chunk', '.js'), of('later', '.js'), of('page', '.css')],
  ] as [string, string, string, string, string]
  const sizeOf = (...texts: string[]): number => texts.reduce((sum, text) => sum + gzipSync(text).length, 0)
  expect(sizeOf(page, shared)).toBeLessThanOrEqual(MOST_FIRST)
  expect(sizeOf(page, shared, later)).toBeLessThanOrEqual(MOST_SCRIPT)
  expect(sizeOf(style)).toBeLessThanOrEqual(MOST_STYLE)
  // What the first screen needs is named by the page, so that nothing waits for another.
  for (const { name } of files) if (/^(page|chunk)-/.test(name)) expect(index).toContain(`"ui/${name}"`)
  expect(page + shared + later).not.toMatch(/\beval\(|new Function\(|ZodError/)
  expect(style).not.toMatch(/url\(|@import/)
})
