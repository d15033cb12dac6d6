/** The Dockerfile, read and held against what it is made from: no container engine is needed to know that it fits. */
import { existsSync, readFileSync } from 'node:fs'
import { loadConfig } from '@millrace/process'
import { describe, expect, it } from 'vitest'
import { type Image, imageOf, parseDockerfile } from './read-dockerfile.ts'
import { dockerfile, ROOT } from './dockerfile-and-compose.ts'

const file = dockerfile()
const TARGETS = ['server', 'worker', 'worker-python', 'worker-cuda']
const isRun = ({ name }: { name: string }) => name === 'RUN'
const images = TARGETS.map((target): [string, Image] => [target, imageOf(file, target)])

describe('the Dockerfile', () => {
  it('stands on images of an exact version, by their digest', () => {
    for (const [, { base }] of images) expect(base).toMatch(/:\d+\.\d+\.\d+-[a-z0-9.-]+@sha256:[0-9a-f]{64}$/)
  })

  it('names only earlier stages, and copies only what is there', () => {
    const seen: string[] = []
    for (const { name, from, instructions } of file.stages) {
      expect(from.includes(':') || seen.includes(from)).toBe(true)
      for (const { name: verb, text } of instructions) {
        if (verb !== 'COPY') continue
        const [, stage] = /^--from=(\S+)/.exec(text) ?? []
        if (stage) expect(seen).toContain(stage)
        else for (const source of text.split(' ').slice(0, -1)) expect(existsSync(`${ROOT}/${source}`)).toBe(true)
      }
      seen.push(name)
    }
  })

  it.each(['build', 'build-server'])(
    '%s takes exactly the lockfile, lists its packages, and translates the house',
    (name) => {
      const build = file.stages.find((stage) => stage.name === name)
      const steps = build?.instructions.map(({ text }) => text).join('\n')
      expect(steps).toMatch(/npm ci --omit=dev/)
      expect(steps).toMatch(/npm sbom .* > sbom\.cdx\.json/)
      expect(steps).toMatch(/node apps\/cli\/bin\/millrace\.mjs version && test -d node_modules\/\.cache\/millrace/)
      expect(readFileSync(`${ROOT}/.npmrc`, 'utf8')).toMatch(/^ignore-scripts=true$/m)
    },
  )

  it('gives the API neither models nor what only they need', () => {
    const server = file.stages.find(({ name }) => name === 'server')
    const copies = server?.instructions.filter(({ name }) => name === 'COPY').map(({ text }) => text)
    expect(copies).toEqual(['--from=build-server /app /app'])
    const [install] = file.stages.find(({ name }) => name === 'build-server')?.instructions.filter(isRun) ?? []
    expect(install?.text).toMatch(/npm ci .*--workspace apps\/cli.* && rm -rf .*\bmodels\b/)
  })

  it.each(images)('%s says what it is, of which version, and of which commit', (_, { labels }) => {
    const { version } = JSON.parse(readFileSync(`${ROOT}/apps/cli/package.json`, 'utf8')) as { version: string }
    expect(readFileSync(`${ROOT}/Dockerfile`, 'utf8')).toContain(`\nARG VERSION=${version}\n`)
    const label = (name: string) => labels[`org.opencontainers.image.${name}`]
    expect([label('licenses'), label('version'), label('revision')]).toEqual([
      'Apache-2.0',
      '${VERSION}',
      '${REVISION}',
    ])
    expect(label('title')).toMatch(/^Millrace (server|worker)/)
    expect(label('description')).toMatch(/ Millrace/)
  })

  it('leaves no lists of packages behind, and installs nothing that was not asked for', () => {
    const runs = file.stages.flatMap(({ instructions }) => instructions.filter(({ text }) => text.includes('apt-get')))
    expect(runs).toHaveLength(2)
    for (const { text } of runs) {
      expect(text).toContain('--no-install-recommends')
      expect(text).toContain('rm -rf /var/lib/apt/lists/*')
    }
  })

  it.each(images)('%s does not run as root, and says so with a number', (_, { user }) => {
    expect(user).toMatch(/^[1-9]\d+:[1-9]\d+$/)
  })

  it.each(images)('%s starts Millrace without a shell between, and knows how it is', (_, image) => {
    const { entrypoint, command, healthcheck, exposed } = image
    expect([...entrypoint, ...command][1]).toBe('/app/apps/cli/bin/millrace.mjs')
    expect(command).toHaveLength(1)
    expect(healthcheck.slice(0, 2)).toEqual(['node', '-e'])
    expect(exposed).toHaveLength(1)
  })

  it.each(images)('%s sets only settings that exist, to values that they take, and no secret', (_, { env }) => {
    expect(() => loadConfig(env)).not.toThrow()
    for (const name of Object.keys(env)) expect(name).not.toMatch(/KEY|SECRET|PASSWORD|TOKEN|REDIS_URL/)
  })

  it('gives models a home on the disk, the folder of which each worker has one', () => {
    for (const [target, { env }] of images) {
      expect([target, env.HOME]).toEqual([target, target === 'server' ? '/tmp' : env.MILLRACE_DATA_DIR])
    }
  })

  it('has models in each worker that are in the repository', () => {
    for (const [target, { env }] of images) {
      const models = (env.MILLRACE_MODELS ?? '').split(',').filter(Boolean)
      expect(models.length > 0).toBe(target !== 'server')
      for (const model of models) expect(existsSync(`${ROOT}/${model.replace('/app/', '')}`)).toBe(true)
    }
  })

  it('is read strictly: what is not understood is an error', () => {
    expect(() => parseDockerfile('FROM a:1 AS b\nVOLUME /data')).toThrow('not understood')
    expect(() => imageOf(parseDockerfile('FROM a:1 AS b\nCMD node x'), 'b')).toThrow('exec form')
  })
})

describe('what images are made from', () => {
  const ignored = readFileSync(`${ROOT}/.dockerignore`, 'utf8').split('\n')

  it('leaves out packages, data and secrets of this machine', () => {
    expect(ignored).toEqual(expect.arrayContaining(['**/node_modules', '.millrace', '.env', '.git']))
  })

  it('holds the manifest of each workspace, without which the lockfile does not fit', () => {
    const { workspaces } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as { workspaces: string[] }
    for (const workspace of workspaces) {
      const [top = ''] = workspace.split('/')
      const isOut = ignored.some((line) => line === top || line === `${top}/**`)
      if (isOut) expect(ignored).toContain(`!${workspace}/package.json`)
    }
  })
})
