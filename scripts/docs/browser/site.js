/** The script of each page of the site: theme and search. It asks no server for anything, so it works from a disk too. */
const html = document.documentElement
const THEME = 'millrace-docs-theme'

/** Storage is missing where a browser forbids it, and from a disk in some. */
const remembered = () => {
  try {
    return localStorage.getItem(THEME)
  } catch {
    return null
  }
}
if (remembered()) html.dataset.theme = remembered()

document.addEventListener('DOMContentLoaded', () => {
  const pages = document.querySelector('nav details')
  if (matchMedia('(max-width: 899px)').matches) pages.open = false
  else document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'center' })
  startTheme(document.querySelector('.theme'))
  startSearch(document.querySelector('.search'))
})

function startTheme(button) {
  const isDark = () =>
    html.dataset.theme ? html.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
  const show = () => (button.textContent = isDark() ? 'Light' : 'Dark')
  button.hidden = false
  button.addEventListener('click', () => {
    html.dataset.theme = isDark() ? 'light' : 'dark'
    try {
      localStorage.setItem(THEME, html.dataset.theme)
    } catch {
      // Then the choice ends with the page.
    }
    show()
  })
  show()
}

function startSearch(box) {
  const input = box.querySelector('input')
  const list = box.querySelector('ul')
  let index
  let chosen = -1
  box.hidden = false

  const load = () => (index ??= loadIndex())
  const close = () => {
    list.hidden = true
    input.setAttribute('aria-expanded', 'false')
    input.removeAttribute('aria-activedescendant')
    chosen = -1
  }
  const search = async () => {
    const words = input.value.trim()
    if (words === '') return close()
    const found = (await load()).search(words).slice(0, 12)
    // Meanwhile something else may have been typed.
    if (words !== input.value.trim()) return
    list.replaceChildren(...(found.length > 0 ? found.map(resultOf) : [nothing()]))
    list.hidden = false
    input.setAttribute('aria-expanded', 'true')
    chosen = -1
  }
  const choose = (step) => {
    const items = [...list.querySelectorAll('[role=option]')]
    if (items.length === 0) return
    items[chosen]?.setAttribute('aria-selected', 'false')
    chosen = (chosen + step + items.length) % items.length
    items[chosen].setAttribute('aria-selected', 'true')
    items[chosen].scrollIntoView({ block: 'nearest' })
    input.setAttribute('aria-activedescendant', items[chosen].id)
  }

  input.addEventListener('focus', load)
  input.addEventListener('input', search)
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') choose(1)
    else if (event.key === 'ArrowUp') choose(chosen < 0 ? 0 : -1)
    else if (event.key === 'Enter') list.querySelectorAll('[role=option] a')[Math.max(chosen, 0)]?.click()
    else if (event.key === 'Escape') close()
    else return
    event.preventDefault()
  })
  list.addEventListener('click', close)
  document.addEventListener('click', (event) => box.contains(event.target) || close())
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || /^(INPUT|TEXTAREA)$/.test(event.target.tagName)) return
    event.preventDefault()
    input.focus()
  })
}

/** Loads library and texts with the first search, as scripts, and indexes them: some tens of milliseconds. */
async function loadIndex() {
  await Promise.all(['search.js', 'texts.js'].map(loadScript))
  const index = new MiniSearch({
    fields: ['page', 'heading', 'text'],
    storeFields: ['page', 'heading', 'text', 'address'],
    searchOptions: { boost: { page: 2, heading: 4 }, prefix: true, fuzzy: 0.15, combineWith: 'AND' },
  })
  index.addAll(SITE_TEXTS.map((text, id) => ({ id, ...text })))
  return index
}

function loadScript(name) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script')
    script.src = `${html.dataset.top}assets/${name}`
    script.addEventListener('load', resolve)
    script.addEventListener('error', reject)
    document.head.append(script)
  })
}

function resultOf({ page, heading, text, address, terms }, place) {
  const item = document.createElement('li')
  item.role = 'option'
  item.id = `found-${place}`
  const link = document.createElement('a')
  link.href = html.dataset.top + address
  link.tabIndex = -1
  const name = document.createElement('b')
  name.textContent = heading
  const where = document.createElement('i')
  where.textContent = page
  const about = document.createElement('span')
  about.textContent = around(text, terms)
  link.append(name, where, about)
  item.append(link)
  return item
}

function nothing() {
  const item = document.createElement('li')
  item.textContent = 'Nothing has all of these words.'
  return item
}

/** A part of the text in which one of the words stands. */
function around(text, terms) {
  const lower = text.toLowerCase()
  const at = Math.max(0, Math.min(...terms.map((term) => lower.indexOf(term)).filter((index) => index >= 0), Infinity))
  const from = Number.isFinite(at) ? Math.max(0, at - 40) : 0
  return (from > 0 ? '…' : '') + text.slice(from, from + 140)
}
