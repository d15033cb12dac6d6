/**
 * Turns one page of Markdown into HTML, its headings and the texts that are searched. Called by build-site.ts, which tells where
 * links lead.
 */
import { loadHighlighter, newMarked } from './site-libraries.ts'
import { slugOf } from './slug-of.ts'

export interface Heading {
  level: number
  /** Without marks. */
  text: string
  slug: string
}

/** What stands under one heading; the first one of a page stands under its title. */
export interface Section {
  heading: string
  slug: string
  text: string
}

export interface SitePage {
  title: string
  html: string
  headings: Heading[]
  sections: Section[]
}

/** The address in the site of what a page links to. Throws when it leads nowhere. */
export type Resolve = (href: string) => string

/** Throws on HTML in the Markdown: it reads badly on a code host, and nothing of it is needed. Comments are left out. */
export function readPage(markdown: string, resolve: Resolve): SitePage {
  const headings: Heading[] = []
  const sections: Section[] = []
  const marked = newMarked()
  const slugs = slugsOfPage()
  let tables = 0
  marked.use({
    renderer: {
      heading({ tokens, text, depth }) {
        const heading = {
          level: depth,
          text: plain(this.parser.parseInline(tokens, this.parser.textRenderer)),
          slug: slugs(text),
        }
        headings.push(heading)
        sections.push({ heading: heading.text, slug: heading.slug, text: '' })
        const inside = this.parser.parseInline(tokens)
        const mark =
          depth === 1 ? '' : ` <a class="anchor" href="#${heading.slug}" aria-label="Link to this part">#</a>`
        return `<h${depth} id="${heading.slug}">${inside}${mark}</h${depth}>\n`
      },
      code: ({ text, lang }) => highlight(text, lang),
      link({ href, title, tokens }) {
        const outside = /^[a-z]+:/.test(href) ? ' rel="noreferrer"' : ''
        const about = title ? ` title="${escapeHtml(title)}"` : ''
        return `<a href="${escapeHtml(resolve(href))}"${about}${outside}>${this.parser.parseInline(tokens)}</a>`
      },
      image: ({ href }) => {
        throw new Error(`has the image ${href}: the site has none`)
      },
      html: ({ text }) => {
        if (/^\s*(<!--[\s\S]*?-->\s*)*$/.test(text)) return ''
        throw new Error(`has HTML, which a page must not: ${text.trim().slice(0, 80)}`)
      },
    },
  })
  const html = marked
    .parse(markdown, { async: false })
    .replaceAll('<table>', () => `<div class="table" tabindex="0" role="region" aria-label="Table ${++tables}"><table>`)
    .replaceAll('</table>', '</table></div>')
  readTexts(html, sections)
  const title = headings.find(({ level }) => level === 1)?.text
  if (title === undefined) throw new Error('has no title: its first line must be "# …"')
  return { title, html, headings, sections }
}

/** A second heading of the same words is numbered, as code hosts do it. */
function slugsOfPage(): (text: string) => string {
  const seen = new Map<string, number>()
  return (text) => {
    const slug = slugOf(text)
    const times = seen.get(slug) ?? 0
    seen.set(slug, times + 1)
    return times === 0 ? slug : `${slug}-${times}`
  }
}

export function highlight(text: string, lang: string | undefined): string {
  const name = (lang ?? '').split(/\s/)[0]!
  const highlighter = loadHighlighter()
  const known = highlighter.getLanguage(name) !== undefined
  const inside = known ? highlighter.highlight(text, { language: name }).value : escapeHtml(text)
  return `<pre tabindex="0"><code${known ? ` class="language-${name}"` : ''}>${inside}\n</code></pre>\n`
}

/** Fills in the text of each section from the page as it is shown, in the order of its headings. */
function readTexts(html: string, sections: Section[]): void {
  const parts = html.split(/<h[1-6] id="[^"]*">[\s\S]*?<\/h[1-6]>/).slice(1)
  for (const [index, part] of parts.entries()) sections[index]!.text = plain(part.replaceAll(/<[^>]*>/g, ' '))
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#x27;': "'",
  '&amp;': '&',
}
const plain = (text: string): string =>
  text
    .replaceAll(/&(?:lt|gt|quot|#39|#x27|amp);/g, (entity) => ENTITIES[entity]!)
    .replaceAll(/\s+/g, ' ')
    .trim()

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
