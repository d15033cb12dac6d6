import { describe, expect, it } from 'vitest'
import { allows, engineLaw } from './laws/engine-law.ts'
import { errorPageLaw } from './laws/error-page-law.ts'
import { navLaw } from './laws/nav-law.ts'
import { environmentLaw, namedExportLaw, nameLaw, sizeLaw, titleLaw, traceLaw } from './laws/file-laws.ts'
import { glossaryLaw } from './laws/glossary-law.ts'
import { frontDoorLaw, layerLaw, manifestLaw, vendorLaw } from './laws/import-laws.ts'
import { lockfileLaw } from './laws/lockfile-law.ts'
import { houseWith } from './reading/house.fixture.ts'
import type { Law } from './reading/house.ts'

const from = (specifier: string): string => `import { x } from '${specifier}'\n`

type Plant = [law: Law, path: string, source: string]

const lockWith = (entry: object): string =>
  JSON.stringify({ packages: { '': {}, 'libs/a': {}, 'node_modules/zod': entry } })

describe('a law', () => {
  it.each<Plant>([
    [layerLaw, 'libs/contracts/src/jobs/job.ts', from('@millrace/queue')],
    [layerLaw, 'libs/queue/src/a.ts', from('@millrace/storage')],
    [layerLaw, 'apps/api/src/a.ts', from('@millrace/worker')],
    [layerLaw, 'apps/worker/src/a.ts', from('@millrace/api')],
    [layerLaw, 'libs/storage/src/a.ts', from('millrace')],
    [layerLaw, 'libs/storage/src/a.ts', `export type {\n  A,\n  B,\n} from '@millrace/queue'\n`],
    [layerLaw, 'apps/api/src/a.ts', `const { run } = await import(\n  '@millrace/worker'\n)\n`],
    [frontDoorLaw, 'apps/api/src/a.ts', from('../../../libs/queue/src/keys.ts')],
    [frontDoorLaw, 'apps/api/src/a.ts', from('@millrace/queue/src/keys.ts')],
    [frontDoorLaw, 'apps/cli/bin/a.mjs', from('../../../libs/queue/bin/start.mjs')],
    [frontDoorLaw, 'apps/api/src/a.ts', from('../../../test/support/until.ts')],
    [frontDoorLaw, 'test/e2e/a.test.ts', from('../../libs/queue/src/keys.ts')],
    [manifestLaw, 'apps/worker/src/a.ts', from('hono')],
    [manifestLaw, 'apps/worker/src/a.ts', from('@millrace/contracts')],
    [manifestLaw, 'apps/worker/src/a.ts', from('vitest')],
    [vendorLaw, 'apps/api/src/a.ts', from('ioredis')],
    [vendorLaw, 'apps/api/src/a.test.ts', from('bullmq')],
    [vendorLaw, 'apps/api/src/a.tsx', from('preact/hooks')],
    [layerLaw, 'apps/api/src/a.ts', from('@millrace/web')],
    [vendorLaw, 'libs/queue/src/a.ts', from('@aws-sdk/client-s3')],
    [vendorLaw, 'apps/cli/src/a.ts', from('hono/cors')],
    [environmentLaw, 'apps/api/src/a.ts', 'const port = process.env.PORT\n'],
    [environmentLaw, 'apps/api/src/a.ts', 'const { env } = process\n'],
    [environmentLaw, 'libs/queue/src/maintain.ts', "const port = process['env'].PORT\n"],
    [sizeLaw, 'apps/api/src/a.ts', 'x\n'.repeat(301)],
    [sizeLaw, 'apps/api/src/a.test.ts', 'x\n'.repeat(451)],
    [sizeLaw, 'apps/web/src/a.css', 'x\n'.repeat(301)],
    [nameLaw, 'apps/api/src/job-utils.ts', ''],
    [nameLaw, 'apps/api/src/helpers.ts', ''],
    [nameLaw, 'apps/api/src/SubmitJob.ts', ''],
    [namedExportLaw, 'apps/api/src/a.ts', 'export default function a() {}\n'],
    [titleLaw, 'apps/api/src/a.test.ts', `it('works', a)\nit('works', b)\n`],
    [traceLaw, 'docs/a.md', `see ${['', 'home', 'mel', 'notes'].join('/')}\n`],
    [traceLaw, 'apps/api/src/a.ts', `const log = '${['', 'work', 'main', 'log'].join('/')}'\n`],
    [traceLaw, 'package-lock.json', `"resolved": "${['https:', '', 'registry.example.org', 'zod'].join('/')}"\n`],
    [lockfileLaw, 'package-lock.json', lockWith({ version: '1.0.0' })],
    [lockfileLaw, 'models/a/package-lock.json', lockWith({ version: '1.0.0', integrity: 'sha1-abc' })],
    [lockfileLaw, 'package-lock.json', lockWith({ version: '1.0.0', integrity: 'sha512-abc', resolved: 'there' })],
    [glossaryLaw, 'docs/glossary.md', '| ticket | It names a job. | `libs/gone.ts` |\n'],
    [glossaryLaw, 'docs/glossary.md', '| glossary | This. | `docs` |\n| glossary | That. | `docs` |\n'],
    [navLaw, 'docs/gone.md', '# Gone\n'],
    [errorPageLaw, 'docs/errors.md', '# Errors\n\n## Problems\n\n| `no_such_code` | 400 |\n\n## Job errors\n'],
  ])('%# finds what is planted: %o in %s', (law, path, source) => {
    expect(law(houseWith(path, source))).not.toEqual([])
    expect(law(houseWith(path, source))[0]).toContain(path)
  })

  it.each<Plant>([
    [layerLaw, 'libs/queue/src/a.ts', from('@millrace/contracts')],
    [layerLaw, 'apps/cli/src/a.ts', from('@millrace/api')],
    [frontDoorLaw, 'apps/api/src/a.test.ts', from('../../../test/support/until.ts')],
    [frontDoorLaw, 'apps/api/src/jobs/a.ts', from('../b.ts')],
    [frontDoorLaw, 'apps/cli/bin/a.mjs', from('@millrace/queue/bin/start.mjs')],
    [manifestLaw, 'apps/api/src/a.ts', from('hono/cors')],
    [manifestLaw, 'apps/api/src/a.ts', from('node:fs')],
    [manifestLaw, 'apps/worker/src/a.test.ts', from('vitest')],
    [vendorLaw, 'libs/queue/src/a.ts', from('ioredis')],
    [environmentLaw, 'libs/process/src/settings/config.ts', 'process.env\n'],
    [environmentLaw, 'apps/worker/src/runner-main.ts', 'process.env\n'],
    [sizeLaw, 'apps/api/src/a.ts', 'x\n'.repeat(300)],
    [nameLaw, 'apps/api/src/submit/submit-job.test.ts', ''],
    [namedExportLaw, 'models/ocr/model.ts', 'export default defineModel({})\n'],
    [lockfileLaw, 'package-lock.json', lockWith({ version: '1.0.0', integrity: 'sha512-abc' })],
    [lockfileLaw, 'package-lock.json', lockWith({ resolved: 'libs/a', link: true })],
    [glossaryLaw, 'docs/glossary.md', '| a word, to glossary (of all) | This. | `docs` |\n'],
    [traceLaw, 'docs/a.md', 'GET https://example.org/home/page/ and ./work/main\n'],
  ])('%# lets be what is right: %o in %s', (law, path, source) => {
    expect(law(houseWith(path, source))).toEqual([])
  })

  it('finds a dependency that refuses the oldest Node', () => {
    const house = houseWith('a.ts', '')
    const with22 = { ...house, installed: [{ name: 'modern', version: '5.0.0', node: '>=22.12' }] }
    expect(engineLaw(with22)).toEqual(['modern 5.0.0 wants Node >=22.12; pin a version that starts on 20.19'])
  })
})

describe('allows', () => {
  const node = [20, 19, 0] as [number, number, number]

  it.each(['*', '', '>=18', '>= 18', '20 || >=22', '^20.19.0 || >=22.12.0', '>=20.19', '18.x || 20.x', '18 - 22'])(
    'takes 20.19.0 for %s',
    (range) => expect(allows(range, node)).toBe(true),
  )

  it.each(['>=22', '^20.19.1', '^18', '<20', '>20', '~20.18', '20.18.x', '>=20.19.1', '22 - 24', '>=18 <20'])(
    'refuses 20.19.0 for %s',
    (range) => expect(allows(range, node)).toBe(false),
  )
})
