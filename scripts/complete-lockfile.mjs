/**
 * Gives every entry of a lockfile its hash, and removes the address that it came from. npm leaves out the hashes of packages
 * for other systems, and `npm ci` then accepts anything that is served under their names. Run it after a dependency has
 * changed: `node scripts/complete-lockfile.mjs [package-lock.json]`. It asks the registry that npm is set to.
 */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'

const AT_ONCE = 4

const path = process.argv[2] ?? 'package-lock.json'
const lock = JSON.parse(readFileSync(path, 'utf8'))
const entries = Object.entries(lock.packages).filter(([place, { link }]) => place.includes('node_modules/') && !link)
for (const [, entry] of entries) delete entry.resolved
const open = entries.filter(([, { integrity }]) => !integrity)
await Promise.all(Array.from({ length: AT_ONCE }, work))
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)

async function work() {
  for (let next = open.pop(); next; next = open.pop()) {
    const [place, entry] = next
    const name = entry.name ?? place.split('node_modules/').at(-1)
    const { stdout } = await promisify(execFile)('npm', ['view', `${name}@${entry.version}`, 'dist.integrity'])
    const integrity = stdout.trim()
    if (!integrity.startsWith('sha512-')) throw new Error(`the registry has no hash of ${name}@${entry.version}`)
    // npm's own order of keys. Otherwise npm would rewrite the file the next time.
    const { version, ...rest } = entry
    lock.packages[place] = { version, integrity, ...rest }
    console.log(`${name}@${version}`)
  }
}
