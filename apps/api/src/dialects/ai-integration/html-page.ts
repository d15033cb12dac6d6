/** A page with one script: nothing runs in it, and nothing is loaded, but what stands there. Used for the form of a model and for its key. */
import { createHash } from 'node:crypto'

export interface HtmlPage {
  html: string
  headers: Record<string, string>
}

interface PageParts {
  /** Text. */
  title: string
  /** HTML. */
  body: string
  /** JavaScript. */
  script: string
  /** Where the browser itself may send forms. */
  forms: 'self' | 'none'
}

export function htmlPage({ title, body, script, forms }: PageParts): HtmlPage {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
<main>
<h1>${escaped(title)}</h1>
${body}
</main>
<script>${script}</script>
</html>
`
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(STYLE)}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    `form-action '${forms}'`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  return { html, headers: { 'content-security-policy': policy.join('; '), 'cache-control': 'no-store' } }
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text as HTML has it, in an attribute too. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? char)

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
label { display: block; margin: 0.75rem 0; }
span { display: inline-block; min-width: 9rem; font-weight: 600; }
small { display: block; color: #555; }
output img { max-width: 100%; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
`
