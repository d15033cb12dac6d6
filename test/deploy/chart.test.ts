import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findHelm, renderManifests } from './chart/helm.ts'
import { chartFolder, ROOT, stampOfChart, stampPath, VALUE_SETS } from './chart/value-sets.ts'

const read = (path: string): string => readFileSync(path, 'utf8')
const helm = await findHelm()
const [small] = VALUE_SETS

it('what is kept was rendered from the chart as it is; if not, run test/deploy/golden-main.ts', () => {
  expect(stampOfChart()).toBe(read(stampPath))
})

it('the chart has the version of Millrace', () => {
  const { version } = JSON.parse(read(join(ROOT, 'apps/cli/package.json'))) as {
    version: string
  }
  expect(read(`${chartFolder}/Chart.yaml`)).toContain(`appVersion: ${version}\n`)
})

describe.skipIf(helm.isMissing)(helm.title, () => {
  it.each(VALUE_SETS)('renders $name as it is kept', async ({ values, rendered }) => {
    const [, ...lines] = read(rendered).split('\n')
    expect(await renderManifests(helm, values)).toBe(lines.join('\n'))
  })

  it.each(VALUE_SETS)('finds no fault in the chart with the values of $name', async ({ values }) => {
    const said = await helm.ask('lint', '--strict', chartFolder, '--values', values)
    expect(said).toContain('0 chart(s) failed')
  })

  it('gives numbers, flags and zero as processes read them', async () => {
    const text = await renderManifests(
      helm,
      small!.values,
      ...['--set', 'settings.MILLRACE_DOCS=false', '--set', 'settings.MILLRACE_MIN_FREE_BYTES=0'],
      ...['--set', 'api.settings.MILLRACE_UI=false', '--set', 'settings.MILLRACE_MAX_UPLOAD_BYTES=5368709120'],
    )
    expect(text).toContain('MILLRACE_DOCS: "false"\n')
    expect(text).toContain('MILLRACE_MIN_FREE_BYTES: "0"\n')
    expect(text).toContain('MILLRACE_MAX_UPLOAD_BYTES: "5368709120"\n')
    expect(text).toMatch(/name: MILLRACE_UI\n +value: "false"\n/)
  })

  it.each([
    ['a setting that is none', 'settings.MILLRACE_DOC=false', "'MILLRACE_DOC' not allowed"],
    ['a secret as a setting', 'settings.MILLRACE_API_KEY=abc', "'MILLRACE_API_KEY' not allowed"],
    ['a value that is none', 'apo.replicas=3', "'apo' not allowed"],
    ['no bucket', 'settings.S3_BUCKET=', 'settings.S3_BUCKET must be set'],
    ['no Redis', 'secrets.redis.name=', 'secrets.redis.name must name'],
    ['no key', 'secrets.apiKey.name=', 'secrets.apiKey.name must name'],
    ['no image', 'api.image=', 'api.image must be set'],
    ['a pool with the name of another part', 'workers[0].name=api', 'the name "api" is taken'],
    ['a pool that is scaled by nobody', 'workers[0].scale.enabled=true', 'secrets.metricsKey.name must name'],
    ['an Ingress without a host', 'ingress.enabled=true', 'ingress.hosts must name a host'],
    ['closed networks without stores', 'networkPolicy.enabled=true', 'networkPolicy.stores must name'],
  ])('refuses %s, in words', async (_what, value, words) => {
    await expect(renderManifests(helm, small!.values, '--set', value)).rejects.toThrow(words)
  })
})
