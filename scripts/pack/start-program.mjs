#!/usr/bin/env node
/** The program of the package `millrace`. It says by itself that Node is too old, because nothing else would load. */
const [major, minor] = process.versions.node.split('.').map(Number)
if (major > 20 || (major === 20 && minor >= 19)) await import(new URL('../dist/main.mjs', import.meta.url).href)
else {
  console.error(`Millrace needs Node 20.19 or newer; this is ${process.versions.node}. Get one at https://nodejs.org`)
  process.exitCode = 2
}
