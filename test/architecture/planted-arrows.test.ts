import { describe, expect, it } from 'vitest'
import { DRAWINGS } from '../../scripts/drawings.ts'
import { arrowLaw } from './laws/arrow-law.ts'
import { houseWith } from './reading/house.fixture.ts'
import type { House, TextFile } from './reading/house.ts'

/** Files of an invented house that import each other, by path. */
const filesOf = (imports: Record<string, readonly string[]>): TextFile[] =>
  Object.entries(imports).map(([path, targets]) => ({
    path,
    source: targets.map((target) => `import { x } from '${target}'\n`).join(''),
  }))
const houseOf = (...files: TextFile[]): House => houseWith('libs/contracts/src/index.ts', '', ...files)

/** What the law finds in an invented house, which has next to nothing of what is drawn. */
const foundIn = (imports: Record<string, readonly string[]>): string[] =>
  arrowLaw(houseOf(...filesOf(imports))).filter((sentence) => !sentence.includes('rub that'))

/** A room in which each place has one file, which imports all that it may and more. */
function wholeRoom(room: string, extra: Record<string, readonly string[]> = {}): TextFile[] {
  const fileOf = (place: string) => (place === '.' ? 'beside.ts' : place.endsWith('.ts') ? place : `${place}/a.ts`)
  const drawing = DRAWINGS[room]!
  const imports = Object.keys(drawing).map((place) => {
    const targets = [...drawing[place]!.imports, ...(extra[place] ?? [])].filter((target) => target !== '*')
    const up = fileOf(place).includes('/') ? '..' : '.'
    return [`${room}/${fileOf(place)}`, targets.map((target) => `${up}/${fileOf(target)}`)] as const
  })
  return filesOf(Object.fromEntries(imports))
}

describe('the arrow law', () => {
  // One arrow up for each room; those that the drawing should never have.
  it.each([
    ['apps/api/src', 'http', 'jobs'],
    ['apps/api/src', 'models', 'jobs'],
    ['apps/worker/src', 'attempt', 'serving'],
    ['apps/worker/src', 'upkeep', 'attempt'],
    ['apps/worker/src', 'webhooks', 'attempt'],
    ['libs/queue/src', 'ports', 'redis'],
    ['libs/queue/src', 'jobs', 'handout'],
    ['libs/storage/src', 'port', 'rules'],
    ['libs/storage/src', 'folder', 's3'],
    ['libs/storage/src', 'rules', 'watch'],
    ['libs/host/src', 'checks', 'runners'],
    ['libs/host/src', 'runners', 'models'],
    ['libs/host/src', 'runner.ts', 'runners'],
  ])('finds an arrow up in %s, from %s to %s', (room, from, to) => {
    expect(arrowLaw(houseOf(...wholeRoom(room, { [from]: [to] })))).toEqual([
      expect.stringContaining(`imports from ${room}/${to}, but ${from} may import only`),
    ])
  })

  it.each(Object.keys(DRAWINGS))('lets %s be as it is drawn', (room) => {
    expect(arrowLaw(houseOf(...wholeRoom(room)))).toEqual([])
  })

  it('reads types, exports and dynamic imports too', () => {
    for (const source of [
      `import type { X } from '../jobs/b.ts'\n`,
      `export * from '../jobs/b.ts'\n`,
      `type X = import('../jobs/b.ts').X\n`,
      `const b = await import('../jobs/b.ts')\n`,
    ]) {
      const files = [{ path: 'apps/api/src/models/a.ts', source }, ...filesOf({ 'apps/api/src/jobs/b.ts': [] })]
      expect(arrowLaw(houseOf(...files)), source).toContainEqual(expect.stringContaining('models may import only'))
    }
  })

  it('finds an arrow to a file beside the folders', () => {
    expect(foundIn({ 'apps/api/src/models/a.ts': ['../app.ts'], 'apps/api/src/app.ts': [] })).toHaveLength(1)
    expect(foundIn({ 'apps/worker/src/attempt/a.ts': ['../index.ts'], 'apps/worker/src/index.ts': [] })).toHaveLength(1)
  })

  it('finds a folder that is not drawn, whether it imports or not', () => {
    const sentence = 'libs/storage/src/new is not drawn; draw what it may import'
    expect(foundIn({ 'libs/storage/src/new/a.ts': [] })).toEqual([sentence])
    expect(foundIn({ 'libs/storage/src/new/a.ts': ['../port/b.ts'], 'libs/storage/src/port/b.ts': [] })).toEqual([
      sentence,
    ])
  })

  it('finds what is drawn and is not there', () => {
    const [place, ...rest] = wholeRoom('libs/host/src')
    expect(arrowLaw(houseOf(...rest))).toContain('libs/host/src has no runner.ts; rub that place out')
    expect(arrowLaw(houseOf(place!, ...rest.map((file) => ({ ...file, source: '' }))))).toContain(
      'libs/host/src has no import from python to settings; rub that arrow out',
    )
  })

  it('lets tests import what they need', () => {
    expect(foundIn({ 'apps/api/src/http/a.test.ts': ['../jobs/b.ts'], 'apps/api/src/jobs/b.ts': [] })).toEqual([])
  })
})
