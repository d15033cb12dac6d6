/**
 * Builds the site from the pages of the repository: one HTML file for each page and for each source file that a page links to,
 * a style sheet, a script, and what is searched. It throws with all broken links at once, and writes nothing then. Called by
 * docs-main.ts.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { linkTarget } from './link-target.ts'
import { addressOf, NAV, type NavGroup, navPages } from './nav.ts'
import { escapeHtml, highlight, readPage, type SitePage } from './read-page.ts'
import { renderPage } from './render-page.ts'
import { searchScript } from './site-libraries.ts'

export interface Site {
  /** The text of each file, by its path in the site. */
  files: Map<string, string>
  pages: number
}

/** Puts the site into `out`, in place of what was there. */
export function writeSite({ files }: Site, out: string): void {
  rmSync(out, { recursive: true, force: true })
  for (const [path, text] of files) {
    mkdirSync(dirname(join(out, path)), { recursive: true })
    writeFileSync(join(out, path), text)
  }
}

/** `root` is the folder of the repository. */
export function buildSite(root: string, nav: readonly NavGroup[] = NAV): Site {
  const pages = navPages(nav)
  const faults: string[] = []
  const read = readAll(
    root,
    pages.map(({ path }) => path),
    faults,
  )
  const sources = new Map<string, string>()
  for (const [path, { links }] of read) {
    for (const { href, path: there, heading } of links) {
      const target = read.get(there)
      if (target === undefined && !existsSync(join(root, there)))
        faults.push(`${path} links to ${href}, which is not there`)
      else if (target === undefined && heading !== '')
        faults.push(`${path} links to ${href}: only pages of the site have headings`)
      else if (target === undefined) sources.set(there, sourceOf(root, there))
      else if (heading !== '' && !target.page.headings.some(({ slug }) => slug === heading))
        faults.push(`${path} links to ${href}: ${there} has no such heading`)
    }
  }
  if (faults.length > 0) throw new Error(`The pages have faults:\n${faults.join('\n')}`)
  const files = new Map<string, string>(assets(root, read, nav))
  for (const [path, { page }] of read) files.set(addressOf(path), renderPage({ path, page, nav }))
  for (const [path, html] of sources) {
    const page: SitePage = { title: path, html: `<h1>${escapeHtml(path)}</h1>\n${html}`, headings: [], sections: [] }
    files.set(sourceAddress(path), renderPage({ path: sourceAddress(path), page, nav }))
  }
  return { files, pages: read.size }
}

interface Read {
  page: SitePage
  /** Those that stay within the repository. */
  links: { href: string; path: string; heading: string }[]
}

function readAll(root: string, paths: string[], faults: string[]): Map<string, Read> {
  const known = new Set(paths)
  const read = new Map<string, Read>()
  for (const path of paths) {
    const links: Read['links'] = []
    const resolve = (href: string): string => {
      const target = linkTarget(path, href)
      if (target.kind === 'outside') return href
      links.push({ href, ...target })
      const there = known.has(target.path) ? addressOf(target.path) : sourceAddress(target.path)
      return between(addressOf(path), there) + (target.heading && `#${target.heading}`)
    }
    try {
      read.set(path, { page: readPage(readFileSync(join(root, path), 'utf8'), resolve), links })
    } catch (error) {
      faults.push(`${path}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return read
}

/** From one file of the site to another, so that it works below any path and from a disk. */
export const between = (from: string, to: string): string => posix.relative(posix.dirname(from), to)

const sourceAddress = (path: string): string => `source/${path}.html`

/** What stands in a file or a folder that a page links to. */
function sourceOf(root: string, path: string): string {
  const full = join(root, path)
  if (statSync(full).isDirectory()) {
    const names = readdirSync(full).toSorted()
    return `<ul>${names.map((name) => `<li><code>${escapeHtml(name)}</code></li>`).join('')}</ul>`
  }
  return highlight(readFileSync(full, 'utf8'), posix.extname(path).slice(1))
}

function* assets(root: string, read: Map<string, Read>, nav: readonly NavGroup[]): Generator<[string, string]> {
  const styles = [
    join(root, 'apps/web/src/style/tokens.css'),
    new URL('browser/site.css', import.meta.url),
    new URL('browser/search.css', import.meta.url),
  ]
  yield ['assets/site.css', styles.map((style) => readFileSync(style, 'utf8')).join('')]
  yield ['assets/search.js', readFileSync(searchScript(), 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, '')]
  yield ['assets/site.js', readFileSync(new URL('browser/site.js', import.meta.url), 'utf8')]
  const labels = new Map(navPages(nav).map(({ path, label }) => [path, label]))
  const texts = [...read].flatMap(([path, { page }]) =>
    page.sections.map(({ heading, slug, text }) => ({
      page: labels.get(path) === 'Overview' ? page.title : labels.get(path),
      heading,
      text,
      address: `${addressOf(path)}#${slug}`,
    })),
  )
  // A script and not JSON: a page that is opened from a disk may fetch nothing.
  yield ['assets/texts.js', `globalThis.SITE_TEXTS = ${JSON.stringify(texts)}\n`]
}
