/** The HTML of one page of the site: what is common to all of them, around its text. Called by build-site.ts. */
import { posix } from 'node:path'
import { addressOf, type NavGroup, type NavPage, navPages } from './nav.ts'
import { escapeHtml, type SitePage } from './read-page.ts'

export interface PageToRender {
  /** From the root of the repository; of a source file, its address in the site. */
  path: string
  page: SitePage
  nav: readonly NavGroup[]
}

export function renderPage({ path, page, nav }: PageToRender): string {
  const own = path.endsWith('.html') ? path : addressOf(path)
  const to = (address: string): string => posix.relative(posix.dirname(own), address)
  const top = to('index.html').replace(/index\.html$/, '')
  return `<!doctype html>
<html lang="en" data-top="${top}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)} · Millrace</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${to('assets/site.css')}">
<script src="${to('assets/site.js')}"></script>
</head>
<body>
<a class="skip" href="#text">To the text</a>
<header>
<a class="name" href="${to('index.html')}">Millrace</a>
<div class="search" role="search" hidden>
<input type="search" placeholder="Search" aria-label="Search all pages" autocomplete="off" spellcheck="false" role="combobox" aria-expanded="false" aria-controls="found" aria-autocomplete="list">
<ul id="found" role="listbox" aria-label="Found" hidden></ul>
</div>
<button class="theme" type="button" hidden>Theme</button>
</header>
<div class="columns">
<nav aria-label="Pages">
<details open>
<summary>Pages</summary>
${nav.map((group) => renderGroup(group, path, page, to)).join('\n')}
</details>
</nav>
<main id="text" tabindex="-1">
${page.html}${renderNeighbours(path, nav, to)}
</main>
</div>
</body>
</html>
`
}

type To = (address: string) => string

function renderGroup({ label, pages }: NavGroup, path: string, page: SitePage, to: To): string {
  const item = (one: NavPage): string => {
    const isHere = one.path === path
    const link = `<a href="${to(addressOf(one.path))}"${isHere ? ' aria-current="page"' : ''}>${escapeHtml(one.label)}</a>`
    return `<li>${link}${isHere ? renderParts(page) : ''}</li>`
  }
  return `<p>${escapeHtml(label)}</p>\n<ul>\n${pages.map(item).join('\n')}\n</ul>`
}

/** The parts of the page that is shown, below its name. */
function renderParts({ headings }: SitePage): string {
  const parts = headings.filter(({ level }) => level === 2)
  if (parts.length === 0) return ''
  return `<ul class="parts">${parts.map(({ slug, text }) => `<li><a href="#${slug}">${escapeHtml(text)}</a></li>`).join('')}</ul>`
}

function renderNeighbours(path: string, nav: readonly NavGroup[], to: To): string {
  const pages = navPages(nav)
  const at = pages.findIndex((one) => one.path === path)
  if (at < 0) return ''
  const link = (one: NavPage | undefined, rel: string): string =>
    one ? `<a rel="${rel}" href="${to(addressOf(one.path))}">${escapeHtml(one.label)}</a>` : '<span></span>'
  return `<footer>${link(pages[at - 1], 'prev')}${link(pages[at + 1], 'next')}</footer>`
}
