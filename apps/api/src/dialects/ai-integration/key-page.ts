/** What a browser sees in the place of a page that needs a key: a field for it. The log-in is that of the web page. */
import { type HtmlPage, htmlPage } from './html-page.ts'

/** `title`: of the page that is asked for. Without its script the key is sent nowhere. */
export const keyPage = (title: string): HtmlPage => htmlPage({ title, body: BODY, script: SCRIPT, forms: 'none' })

const BODY = `<p>This server asks for a key. It is sent once; a cookie that scripts cannot read lets you in for 12 hours.</p>
<form method="post">
<label><span>API key</span> <input type="password" name="key" autocomplete="current-password" required autofocus></label>
<button>Log in</button>
</form>
<output role="alert"></output>
<noscript><p>This needs JavaScript. Log in at the start page of this server.</p></noscript>`

/** Relative to where dialects begin, so that it works below any path. */
const SCRIPT = `
const form = document.querySelector('form')
const place = document.querySelector('output')
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const address = location.pathname.replace(/\\/ai_integration\\/.*$/, '/v1/session')
  const body = JSON.stringify({ key: form.elements.key.value.trim() })
  const headers = { 'content-type': 'application/json' }
  place.textContent = '…'
  const answer = await fetch(address, { method: 'POST', headers, body }).catch(() => undefined)
  if (answer?.ok) return location.reload()
  const problem = await answer?.json().catch(() => undefined)
  place.textContent = answer ? (problem?.detail ?? problem?.title ?? 'It was refused.') : 'The server does not answer.'
  form.elements.key.select()
})
`
