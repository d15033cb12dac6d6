/** The page with a form for one model. It works without its script too: then the browser shows the answer as it is. */
import type { Manifest } from '@millrace/contracts'
import { createHash } from 'node:crypto'

type Field = Record<string, unknown>

export function formPage({ name, description, input_schema: { properties, required } }: Manifest): string {
  const fields = typeof properties === 'object' && properties !== null ? Object.entries(properties) : []
  const needed = new Set(Array.isArray(required) ? required : [])
  const rows = fields.map(([key, field]) => rowOf(key, (field ?? {}) as Field, needed.has(key)))
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(name)}</title>
<style>${STYLE}</style>
<h1>${escaped(name)}</h1>
<p>${escaped(description)}</p>
<form method="post" enctype="multipart/form-data">
${rows.join('\n')}
<button>Run</button>
</form>
<output aria-live="polite"></output>
<script>${SCRIPT}</script>
</html>
`
}

function rowOf(key: string, given: Field, isNeeded: boolean): string {
  const field = Array.isArray(given.anyOf) ? { ...(given.anyOf[0] as Field), ...given } : given
  const name = escaped(key)
  const need = isNeeded ? ' required' : ''
  const words = [field.title, field.description].find((one): one is string => typeof one === 'string' && one !== '')
  return `<label><span>${name}</span> ${controlOf(name, field, need)}${words ? `<small>${escaped(words)}</small>` : ''}</label>`
}

function controlOf(name: string, field: Field, need: string): string {
  if (field.format === 'file') return `<input type="file" name="${name}"${acceptOf(field)}${need}>`
  if (Array.isArray(field.enum)) {
    const options = field.enum.map((one) => {
      const text = escaped(String(one))
      return `<option${one === field.default ? ' selected' : ''} value="${text}">${text}</option>`
    })
    return `<select name="${name}"${need}>${options.join('')}</select>`
  }
  const value = ['string', 'number', 'boolean'].includes(typeof field.default) ? String(field.default) : ''
  return `<input type="text" name="${name}" value="${escaped(value)}"${need}>`
}

function acceptOf({ contentMediaType: type }: Field): string {
  return typeof type === 'string' && type !== '*/*' && type !== 'application/octet-stream'
    ? ` accept="${escaped(type)}"`
    : ''
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? char)

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
label { display: block; margin: 0.75rem 0; }
span { display: inline-block; min-width: 9rem; font-weight: 600; }
small { display: block; color: #555; }
output img { max-width: 100%; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
`

/** An empty text is not sent: the model's default holds then. */
const SCRIPT = `
const form = document.querySelector('form')
const place = document.querySelector('output')
const add = (tag, fields) => place.append(Object.assign(document.createElement(tag), fields))
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const body = new FormData()
  for (const [name, value] of new FormData(form)) {
    const control = form.elements[name]
    if (value instanceof File ? value.name !== '' : value !== '' || control.required) body.append(name, value)
  }
  place.replaceChildren('…')
  const answer = await fetch(location.href, { method: 'POST', body }).catch((error) => ({ text: () => String(error) }))
  const text = await answer.text()
  place.replaceChildren()
  let told
  try { told = JSON.parse(text) } catch { return add('pre', { textContent: text }) }
  if (typeof told.output_url === 'string') {
    if (/^data:image\\//.test(told.output_url)) add('img', { src: told.output_url, alt: 'the output' })
    else add('a', { href: told.output_url, textContent: 'Download the output' })
  }
  if (told.output_url == null) add('pre', { textContent: told.err ?? (typeof told.output === 'string' ? told.output : JSON.stringify(told.output ?? told, null, 2)) })
})
`

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Nothing runs or is loaded but what stands in the page. */
export const PAGE_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    `script-src ${hashOf(SCRIPT)}`,
    `style-src ${hashOf(STYLE)}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; '),
  'cache-control': 'no-store',
}
