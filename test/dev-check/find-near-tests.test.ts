import { describe, expect, it } from 'vitest'
import { houseWith } from '../architecture/reading/house.fixture.ts'
import { readHouse } from '../architecture/reading/read-house.ts'
import { findNearTests } from './find-near-tests.ts'
import { needGraph } from './need-graph.ts'

const source = (path: string, text = '') => ({ path, source: text })
const importing = (specifier: string) => `import { a } from '${specifier}'\n`

describe('in a small house', () => {
  const graph = needGraph(
    houseWith(
      'apps/api/src/jobs/read-job.ts',
      '',
      source('apps/api/src/jobs/read-job.test.ts', importing('./read-job.ts')),
      source('apps/api/src/app.ts', importing('./jobs/read-job.ts')),
      source('apps/api/src/app.test.ts', importing('./app.ts')),
      source('apps/api/src/other.test.ts', importing('./jobs/read-job.ts')),
      source('apps/api/src/stranger.test.ts'),
      source('apps/api/src/start.test.ts', `new URL('./programs/run.py', import.meta.url)\n`),
      source('apps/api/src/start-all.test.ts', `new URL('./programs/', import.meta.url)\n`),
      source('apps/api/src/copy.test.ts', `new URL('../../..', import.meta.url)\n`),
      source('apps/api/src/programs/run.py'),
    ),
  )
  const near = (...changed: string[]) =>
    findNearTests(graph, changed).map(({ path, steps }) => `${steps} ${path.replace('apps/api/src/', '')}`)

  it('the nearest come first, and of those the ones most alike in name', () => {
    expect(near('apps/api/src/jobs/read-job.ts')).toEqual([
      '1 jobs/read-job.test.ts',
      '1 other.test.ts',
      '2 app.test.ts',
    ])
  })

  it('a test that has changed is the nearest of all', () => {
    expect(near('apps/api/src/app.test.ts')).toEqual(['0 app.test.ts'])
  })

  it('a program is needed by whoever names it or its folder, but not by whoever names the root', () => {
    expect(near('apps/api/src/programs/run.py')).toEqual(['1 start-all.test.ts', '1 start.test.ts'])
  })

  it('of several changes the nearest counts', () => {
    expect(near('apps/api/src/jobs/read-job.ts', 'apps/api/src/app.ts')).toContain('1 app.test.ts')
  })
})

describe('in this repository', () => {
  const house = readHouse()
  const graph = needGraph(house)
  /** At once; what needs a file by many others proves it in passing. */
  const provingTests = (path: string) =>
    findNearTests(graph, [path])
      .filter(({ steps, path: test }) => steps <= 1 && !test.startsWith('test/architecture/'))
      .map(({ path: test }) => test)

  it('each script for Redis and each program in Python has tests of its own', () => {
    const others = house.files.map(({ path }) => path).filter((path) => /^(apps|libs)\/.*\.(lua|py)$/.test(path))
    expect(others.length).toBeGreaterThan(150)
    const isTemplate = (path: string) => path.startsWith('apps/cli/src/new/templates/')
    // Three tests read the whole of such a folder, whatever lies there.
    expect(others.filter((path) => !isTemplate(path) && provingTests(path).length <= 3)).toEqual([])
  })

  it.each([
    ['libs/queue/src/scripts/handout/take.lua', 'test/contract/queue/queue.test.ts'],
    ['libs/queue/src/scripts/webhooks/lease.lua', 'test/contract/webhooks/webhook-store.test.ts'],
    ['apps/runner/python/millrace_runner/conventions/cog/inputs.py', 'test/python/cog/inputs.test.ts'],
    ['test/contract/runner/golden/host.run.json', 'test/contract/runner/golden.test.ts'],
  ])('%s is proved by %s', (path, test) => {
    expect(provingTests(path)).toContain(test)
  })
})
