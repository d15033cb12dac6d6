import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const SCRIPTS = new URL('../scripts/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, SCRIPTS), 'utf8')

it('tries every command that a script of ours runs', () => {
  const files = readdirSync(SCRIPTS, { recursive: true, encoding: 'utf8' })
  const others = files.filter((name) => name.endsWith('.lua') && name !== 'probe.lua')
  const used = others.flatMap((name) =>
    [...read(name).matchAll(/redis\.p?call\('([A-Z]+)'/g)].map(([, command]) => command),
  )
  const tried = new Set([...read('probe.lua').matchAll(/(?:try|pcall)\('([A-Z]+)'/g)].map(([, command]) => command))
  expect(used.length).toBeGreaterThan(50)
  expect([...new Set(used)].filter((command) => !tried.has(command))).toEqual([])
})
