/** `npm run docs`: builds the site in dist/docs; with `-- --serve [port]` it also shows it on this machine. */
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSite, writeSite } from './build-site.ts'
import { serveSite } from './serve-site.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const out = join(root, 'dist', 'docs')

try {
  const site = buildSite(root)
  writeSite(site, out)
  console.log(`${site.pages} pages in dist/docs; open dist/docs/index.html`)
  const serve = process.argv.indexOf('--serve')
  if (serve >= 0) {
    const server = await serveSite(out, Number(process.argv[serve + 1] ?? 4040))
    console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
