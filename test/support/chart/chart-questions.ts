/** What the chart of deploy/helm has KEDA ask the API, from what was rendered of it. Called by scale-routes.test.ts. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const golden = join(fileURLToPath(new URL('../../..', import.meta.url)), 'test/deploy/golden')

/** The query of each question with its `?`, and where in the answer the number is. */
export function chartQuestions(): { query: string; place: string }[] {
  const text = ['gpu', 'large'].map((name) => readFileSync(join(golden, `${name}.yaml`), 'utf8')).join('\n')
  return [...text.matchAll(/^ +url: '[^']*\/scale(\?[^']*)'\n +valueLocation: (.+)$/gm)].map(([, query, place]) => ({
    query: query!,
    place: place!,
  }))
}
