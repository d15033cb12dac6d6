import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { buildSite } from './build-site.ts'
import { addressOf, navPages } from './nav.ts'
import { serveSite } from './serve-site.ts'
import { HAS_SITE_LIBRARIES } from './site-libraries.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-pages-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function build(pages: Record<string, string>): ReturnType<typeof buildSite> {
  for (const [path, text] of Object.entries({ ...pages, 'apps/web/src/style/tokens.css': '' })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const names = Object.keys(pages).filter((path) => path.endsWith('.md'))
  return buildSite(folder, [{ label: 'All', pages: names.map((path) => ({ path, label: path })) }])
}

describe.skipIf(!HAS_SITE_LIBRARIES)(
  'the site, where `node scripts/setup.mjs --docs` has installed what makes it',
  () => {
    it('builds every page of the repository, with no broken link and nothing from elsewhere', () => {
      const { files } = buildSite(fileURLToPath(new URL('../..', import.meta.url)))
      for (const { path } of navPages()) expect(files.has(addressOf(path)), path).toBe(true)
      for (const [path, text] of files) {
        if (!path.endsWith('.html')) continue
        expect([path, ...text.matchAll(/(?:src=|<link[^>]*href=|url\()"?(?:https?:)?\/\/[^"]*/g)]).toEqual([path])
        for (const [, href] of text.matchAll(/<a [^>]*href="([^"#:]+)(?:#[^"]*)?"/g)) {
          expect(files.has(join(dirname(path), href!)), `${href} in ${path}`).toBe(true)
        }
      }
    })

    it('makes links to pages, headings and sources work in the site', () => {
      const { files } = build({
        'docs/a.md': '# A\n\nSee [b](b.md#two-words), [top](../TOP.md), [code](../src/x.ts) and [all](../src/).\n',
        'docs/b.md': '# B\n\n## Two `words`\n\n```ts\nconst a = 1\n```\n',
        'TOP.md': '# Top\n\n[b](docs/b.md)\n',
        'src/x.ts': 'const one = "<1>"\n',
      })
      expect(files.get('a.html')).toContain('href="b.html#two-words"')
      expect(files.get('a.html')).toContain('href="source/src/x.ts.html"')
      expect(files.get('top.html')).toContain('href="b.html"')
      expect(files.get('b.html')).toContain('<span class="hljs-keyword">const</span>')
      expect(files.get('source/src/x.ts.html')).toContain('&lt;1&gt;')
      expect(files.get('source/src.html')).toContain('<code>x.ts</code>')
      expect(files.get('assets/texts.js')).toContain('"heading":"Two words","text":"const a = 1"')
    })

    it.each([
      ['a file that is not there', '[x](gone.md)', /docs\/a\.md links to gone\.md, which is not there/],
      ['a heading that is not there', '[x](#gone)', /docs\/a\.md links to #gone: docs\/a\.md has no such heading/],
      ['a heading of a source', '[x](../src/x.ts#L1)', /only pages of the site have headings/],
      ['a place on this disk', '[x](/etc/hosts)', /begin with the name of a file beside it/],
      ['a place above the repository', '[x](../../../etc/hosts)', /leads out of the repository/],
      ['HTML', '<b>x</b>', /has HTML, which a page must not: <b>/],
      ['a picture', '![x](x.png)', /has the image x\.png/],
    ])('refuses %s', (_, text, why) => {
      expect(() => build({ 'docs/a.md': `# A\n\n${text}\n`, 'src/x.ts': '' })).toThrow(why)
    })

    it('names all faults at once, and numbers headings of the same words as code hosts do', () => {
      expect(() => build({ 'docs/a.md': '# A\n\n[x](b)\n', 'docs/b.md': '[y](c)\n' })).toThrow(
        /no title[\s\S]*links to b, which/,
      )
      const { files } = build({ 'docs/a.md': '# A\n\n## Same\n\n## Same\n\n[second](#same-1)\n' })
      expect(files.get('a.html')).toContain('<h2 id="same-1">')
    })

    it('serves its folder and nothing beside it', async () => {
      mkdirSync(join(folder, 'out'), { recursive: true })
      writeFileSync(join(folder, 'out', 'index.html'), 'first')
      writeFileSync(join(folder, 'secret.txt'), 'no')
      const server = await serveSite(join(folder, 'out'), 0)
      const address = server.address()
      const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
      expect(await (await fetch(url)).text()).toBe('first')
      for (const path of ['/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/gone.html']) {
        expect((await fetch(url + path)).status, path).toBe(404)
      }
      server.close()
    })
  },
)
