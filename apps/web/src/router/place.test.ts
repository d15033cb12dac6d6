/** Addresses of places: written, read, matched. */
import { expect, it } from 'vitest'
import { hrefOf, matchPath, placeOf } from './place.ts'

it('writes an address that reads back as the same place', () => {
  const href = hrefOf(['jobs', 'a/b ü'], { q: 'a=b&c?', n: 3, empty: '', none: undefined })
  const { path, query } = placeOf(href)
  expect(matchPath('/jobs/:id', path)).toEqual({ id: 'a/b ü' })
  expect([...query]).toEqual([
    ['q', 'a=b&c?'],
    ['n', '3'],
  ])
})

it('takes a bare address for the start', () => {
  expect([placeOf(''), placeOf('#')].map(({ path }) => path)).toEqual(['/', '/'])
})

it.each([
  ['/models/:name', '/models/ocr', { name: 'ocr' }],
  ['/models/:name', '/models/', undefined],
  ['/models/:name', '/models/a/b', undefined],
  ['/models/:name', '/models/%', undefined],
  ['/models/:name', '/jobs/a', undefined],
  ['/', '/', {}],
])('%s fits %s: %o', (pattern, path, found) => {
  expect(matchPath(pattern, path)).toEqual(found)
})
