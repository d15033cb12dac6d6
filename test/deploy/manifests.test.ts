/** What the chart makes, as the cluster and the processes in it read it: held without Helm. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { assertSafeToListen, loadConfig, settings } from '@millrace/process'
import { manifestChecker, type Manifest } from './chart/manifest-checker.ts'
import { VALUE_SETS } from './chart/value-sets.ts'

type Labels = Record<string, string>
interface Container {
  name: string
  env: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[]
  ports: { name: string; containerPort: number }[]
  startupProbe: Probe
  livenessProbe: Probe
  readinessProbe: Probe
}
interface Probe {
  httpGet: { path: string; port: string }
}
interface Deployment extends Manifest {
  spec: {
    replicas?: number
    selector: { matchLabels: Labels }
    template: {
      metadata: { labels: Labels }
      spec: { containers: [Container]; terminationGracePeriodSeconds: number; enableServiceLinks: boolean }
    }
  }
}
interface Selecting extends Manifest {
  spec: { selector?: { matchLabels?: Labels }; podSelector?: { matchLabels: Labels } }
}

const SECRETS: Record<string, string> = {
  REDIS_URL: 'redis://redis.example.com:6379',
  MILLRACE_API_KEY: 'a-key-for-the-tests',
}
/** Variables that are none of ours: of the AWS SDK and of Node. */
const OTHERS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'NODE_EXTRA_CA_CERTS']

const checks = ['1.27', '1.37'].map((version) => ({ version, check: manifestChecker(version) }))
const read = (path: string): Manifest[] =>
  parseAllDocuments(readFileSync(path, 'utf8')).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]
    return document.toJS() as Manifest
  })
const ofKind = <T extends Manifest>(manifests: Manifest[], kind: string): T[] =>
  manifests.filter((one) => one.kind === kind) as T[]
const fits = (labels: Labels, selector: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value)

describe.each(VALUE_SETS)('$name', ({ rendered }) => {
  const manifests = read(rendered)
  const deployments = ofKind<Deployment>(manifests, 'Deployment')
  const [config] = ofKind<Manifest & { data: Labels }>(manifests, 'ConfigMap')
  const envOf = ({ spec }: Deployment): Labels => ({
    ...config!.data,
    ...Object.fromEntries(
      spec.template.spec.containers[0].env.map(({ name, value }) => [name, value ?? SECRETS[name] ?? 'x']),
    ),
  })

  it.each(checks)('is what Kubernetes $version, KEDA and the Prometheus operator take', ({ check }) => {
    expect(manifests.length).toBeGreaterThanOrEqual(7)
    expect(manifests.flatMap(check)).toEqual([])
  })

  it('names each object once', () => {
    const names = manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  it('gives each process variables with which it starts', () => {
    const known = settings().map(({ env }) => env)
    for (const deployment of deployments) {
      const env = envOf(deployment)
      expect(Object.keys(env).filter((name) => !known.includes(name) && !OTHERS.includes(name))).toEqual([])
      const config = loadConfig(env)
      if ('MILLRACE_HOST' in env) assertSafeToListen(config)
    }
  })

  it('takes every secret from a Secret, and the key of the administrator for the API alone', () => {
    const secret = settings()
      .filter((one) => one.secret)
      .map(({ env }) => env)
    for (const { metadata, spec } of deployments) {
      const { env } = spec.template.spec.containers[0]
      const plain = env.filter(({ name }) => secret.includes(name) || name.startsWith('AWS_'))
      for (const one of plain) expect(one.valueFrom?.secretKeyRef.name, one.name).toMatch(/\w/)
      expect(env.some(({ name }) => name === 'MILLRACE_API_KEY')).toBe(metadata.name === 'millrace-api')
    }
    expect(ofKind(manifests, 'Secret')).toEqual([])
    expect(Object.keys(config!.data).filter((name) => secret.includes(name))).toEqual([])
  })

  it('lets no Service of the namespace become a setting', () => {
    for (const { spec } of deployments) expect(spec.template.spec.enableServiceLinks).toBe(false)
  })

  it('gives each pod the time of its drain and 15 s more, and probes on a port that it has', () => {
    for (const deployment of deployments) {
      const { terminationGracePeriodSeconds: grace, containers } = deployment.spec.template.spec
      const { drainSeconds, port, workerHealthPort } = loadConfig(envOf(deployment))
      expect(grace).toBeGreaterThanOrEqual(drainSeconds + 15)
      const [{ ports, startupProbe, livenessProbe, readinessProbe }] = containers
      expect(ports.map(({ containerPort }) => containerPort)).toEqual([workerHealthPort ?? port])
      for (const { httpGet } of [startupProbe, livenessProbe]) expect(httpGet.path).toBe('/livez')
      expect(['/readyz', '/livez']).toContain(readinessProbe.httpGet.path)
      for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
        expect(ports.map(({ name }) => name)).toContain(httpGet.port)
      }
    }
  })

  it('selects pods that there are, each with one Deployment and one budget', () => {
    const pods = deployments.map(({ spec }) => spec.template.metadata.labels)
    const count = (selector: Labels): number => pods.filter((labels) => fits(labels, selector)).length
    const selecting = [
      ...ofKind<Selecting>(manifests, 'PodDisruptionBudget'),
      ...ofKind<Selecting>(manifests, 'NetworkPolicy'),
    ]
    for (const { spec } of deployments) expect(count(spec.selector.matchLabels)).toBe(1)
    for (const { spec } of selecting) expect(count((spec.podSelector ?? spec.selector)!.matchLabels!)).toBe(1)
    for (const service of ofKind<Manifest & { spec: { selector: Labels } }>(manifests, 'Service')) {
      expect(count(service.spec.selector)).toBe(1)
    }
    expect(ofKind(manifests, 'PodDisruptionBudget')).toHaveLength(deployments.length)
  })

  it('leaves the number of workers to KEDA where it scales them, and to nobody else', () => {
    const targets = ofKind<Manifest & { spec: { scaleTargetRef: { name: string } } }>(manifests, 'ScaledObject').map(
      ({ spec }) => spec.scaleTargetRef.name,
    )
    const open = deployments.filter(({ spec }) => spec.replicas === undefined).map(({ metadata }) => metadata.name)
    expect(targets.toSorted()).toEqual(open.toSorted())
  })
})

it('holds on to a manifest with a property that there is none', () => {
  const [service] = ofKind(read(VALUE_SETS[0]!.rendered), 'Service')
  const wrong = structuredClone(service!) as Manifest & { spec: Record<string, unknown> }
  wrong.spec.selectr = {}
  for (const { check } of checks) expect(check(wrong)[0]).toContain('"selectr"')
})

it('asks Prometheus so that a target that is gone ends no worker', () => {
  const text = VALUE_SETS.map(({ rendered }) => readFileSync(rendered, 'utf8')).join('\n')
  const count = (part: string): number => text.split(part).length - 1
  expect(count('type: prometheus')).toBeGreaterThan(0)
  expect(count("ignoreNullValues: 'false'")).toBe(count('type: prometheus'))
})
