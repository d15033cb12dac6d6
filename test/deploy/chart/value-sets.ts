/**
 * The sets of values that the chart is rendered with, and where what comes of each is kept. The smallest is the example of
 * plain manifests. Called by the tests of the chart and by golden-main.ts.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Root of the repository. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
export const chartFolder = join(ROOT, 'deploy/helm/millrace')
/** What was rendered, and of which texts: so that a change is noticed where there is no helm. */
export const stampPath = join(ROOT, 'test/deploy/golden/stamp.txt')

export interface ValueSet {
  name: string
  values: string
  rendered: string
}

const set = (name: string, rendered: string): ValueSet => ({
  name,
  values: join(ROOT, `deploy/helm/values/${name}.yaml`),
  rendered: join(ROOT, rendered),
})

export const VALUE_SETS: readonly ValueSet[] = [
  set('small', 'deploy/kubernetes/millrace.yaml'),
  set('gpu', 'test/deploy/golden/gpu.yaml'),
  set('large', 'test/deploy/golden/large.yaml'),
]

/** Of all that the rendered texts are made from. The schema only refuses values, and grows with each setting. */
export function stampOfChart(): string {
  const templates = readdirSync(join(chartFolder, 'templates')).toSorted()
  const paths = [
    join(chartFolder, 'Chart.yaml'),
    join(chartFolder, 'values.yaml'),
    ...templates.map((name) => join(chartFolder, 'templates', name)),
    ...VALUE_SETS.flatMap(({ values, rendered }) => [values, rendered]),
  ]
  const hash = createHash('sha256')
  for (const path of paths) hash.update(readFileSync(path)).update('\0')
  return `${hash.digest('hex')}\n`
}
