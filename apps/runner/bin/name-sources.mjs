/** Makes stack traces of translated code name the source. Called once per process, before that code is loaded. */
import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * From now on, the stack of an error names the sources of the code in the folder. A source map is read when the first
 * stack needs it; Node's own `--enable-source-maps` would read all of them at the start.
 */
export function nameSources(folder) {
  const start = pathToFileURL(`${folder}/`).href
  const maps = new Map()
  const mapOf = (url) => {
    if (!maps.has(url)) maps.set(url, readMap(url))
    return maps.get(url)
  }
  const named = (site) => {
    const url = site.getFileName()
    return url?.startsWith(start) ? inSource(site, url, mapOf(url)) : String(site)
  }
  Error.prepareStackTrace = (error, sites) => titleOf(error) + sites.map((site) => `\n    at ${named(site)}`).join('')
}

function readMap(url) {
  try {
    const code = readFileSync(fileURLToPath(url), 'utf8')
    const comment = code.slice(code.lastIndexOf('//# sourceMappingURL='))
    const address = comment.slice(comment.indexOf('=') + 1).split('\n', 1)[0]
    const inline = /^data:application\/json;base64,(.*)$/.exec(address)
    const text = inline ? Buffer.from(inline[1], 'base64') : readFileSync(new URL(address, url))
    return new SourceMap(JSON.parse(text.toString()))
  } catch {
    // A stack that names the translation is better than none.
    return undefined
  }
}

function inSource(site, url, map) {
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()]
  const { originalSource, originalLine, originalColumn } = map?.findEntry(line - 1, column - 1) ?? {}
  if (originalSource === undefined) return String(site)
  const source = fileURLToPath(new URL(originalSource, url))
  return String(site).replace(`${url}:${line}:${column}`, () => `${source}:${originalLine + 1}:${originalColumn + 1}`)
}

/** The first line as Node writes it, with the code of its own errors. */
function titleOf(error) {
  try {
    const title = Error.prototype.toString.call(error)
    const { name, code } = error
    return typeof code === 'string' && code.startsWith('ERR_') ? title.replace(name, `${name} [${code}]`) : title
  } catch {
    return '<error>'
  }
}
