/** The page with a form for one model. It works without its script too: then the browser shows the answer as it is. */
import type { Manifest } from '@millrace/contracts'
import { escaped, type HtmlPage, htmlPage } from './html-page.ts'

type Field = Record<string, unknown>

export function formPage({ name, description, input_schema: { properties, required } }: Manifest): HtmlPage {
  const fields = typeof properties === 'object' && properties !== null ? Object.entries(properties) : []
  const needed = new Set(Array.isArray(required) ? required : [])
  const rows = fields.map(([key, field]) => rowOf(key, (field ?? {}) as Field, needed.has(key)))
  const body = `<p>${escaped(description)}</p>
<form method="post" enctype="multipart/form-data">
${rows.join('\n')}
<button>Run</button>
</form>
<output aria-live="polite"></output>`
  return htmlPage({ title: name, body, script: SCRIPT, forms: 'self' })
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
