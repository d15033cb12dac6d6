// `npx tsx test/deploy/golden-main.ts`: renders the chart again, after a change of it, and writes what came of it.
import { writeFileSync } from 'node:fs'
import { findHelm, renderManifests } from './chart/helm.ts'
import { stampOfChart, stampPath, VALUE_SETS } from './chart/value-sets.ts'

const helm = await findHelm()
if (helm.isMissing) throw new Error(helm.title)
for (const { name, values, rendered } of VALUE_SETS) {
  const head = `# Made by Helm of deploy/helm/millrace with deploy/helm/values/${name}.yaml; \`npx tsx test/deploy/golden-main.ts\` makes it again.\n`
  writeFileSync(rendered, head + (await renderManifests(helm, values)))
}
writeFileSync(stampPath, stampOfChart())
console.log(`Rendered by ${helm.title}`)
