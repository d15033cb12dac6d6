import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { MOVES } from '@millrace/contracts'
import { renderFiles } from '../../scripts/render-files.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const files = renderFiles(read)

describe('generated files', () => {
  it.each(Object.keys(files))('%s is what the code gives; if not, run npm run generate', (path) => {
    expect(read(path)).toBe(files[path])
  })

  it('refuse a page that has lost the markers of its generated part', () => {
    expect(() => renderFiles((path) => read(path).replaceAll('<!--', '<!'))).toThrow('must hold the lines')
  })

  it('show every move of a job', () => {
    const page = renderFiles(read)['ARCHITECTURE.md'] ?? ''
    for (const [name, { to, by }] of Object.entries(MOVES)) {
      expect(page).toMatch(new RegExp(`--> ${to}: ${name} \\(${by}\\)`))
    }
  })
})
