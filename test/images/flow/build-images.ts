/** Builds each target of the Dockerfile and looks into the images. Called by main.ts. */
import { ROOT } from '../../stack/dockerfile-and-compose.ts'
import type { BaseImages } from '../bases/named-images.ts'
import type { Docker } from '../engine/docker.ts'
import { check, type Report, seconds } from '../report.ts'
import { imageName } from '../stack/compose-stack.ts'

export const TARGETS = ['server', 'worker', 'worker-python', 'worker-cuda'] as const
const MB = 1_000_000
const LABELS = 'org.opencontainers.image'

export interface BuildContext {
  docker: Docker
  bases: BaseImages
  report: Report
}

/** Their sizes, in bytes. */
export async function buildImages({ docker, bases, report }: BuildContext): Promise<void> {
  const args = [`NODE_IMAGE=${bases.node}`, `CUDA_IMAGE=${bases.cuda}`].flatMap((arg) => ['--build-arg', arg])
  const base = await sizeOf(docker, bases.node)
  for (const target of TARGETS) {
    await report.step(`build ${target}`, async () => {
      const begun = performance.now()
      await docker.run(['build', '--target', target, '--tag', imageName(target), ...args, ROOT])
      const took = seconds(begun)
      const size = await sizeOf(docker, imageName(target))
      await lookInto(docker, target)
      return `${inMb(size)} (${inMb(size - base)} on top of Node's image), built in ${took}`
    })
  }
  await report.step('server without models', async () => {
    const [server, worker] = await Promise.all(['server', 'worker'].map((name) => sizeOf(docker, imageName(name))))
    const saved = (worker ?? 0) - (server ?? 0)
    check(saved > 50 * MB, `the server's image is only ${inMb(saved)} smaller than the worker's`)
    return `${inMb(saved)} smaller than the worker's image`
  })
}

const inMb = (bytes: number): string => `${Math.round(bytes / MB)} MB`

const sizeOf = async (docker: Docker, image: string): Promise<number> =>
  Number(await docker.run(['image', 'inspect', '--format', '{{.Size}}', image]))

/** Labels, user, list of packages, and that an image has the models that it should, and no others. */
async function lookInto(docker: Docker, target: (typeof TARGETS)[number]): Promise<void> {
  const inspect = (format: string): Promise<string> =>
    docker.run(['image', 'inspect', '--format', format, imageName(target)])
  const labels = JSON.parse(await inspect('{{json .Config.Labels}}')) as Record<string, string>
  check(labels[`${LABELS}.licenses`] === 'Apache-2.0', `its labels are ${JSON.stringify(labels)}`)
  check(/^\d+\.\d+\.\d+/.test(labels[`${LABELS}.version`] ?? ''), 'no label tells its version')
  check((await inspect('{{.Config.User}}')) === '65532:65532', 'it runs as another user')
  const look = `
    const fs = require('node:fs')
    const { components } = JSON.parse(fs.readFileSync('/app/sbom.cdx.json', 'utf8'))
    const names = components.map(({ name }) => name)
    console.log(JSON.stringify({ names, models: fs.existsSync('/app/models'), sharp: fs.existsSync('/app/node_modules/sharp') }))`
  const shell = ['run', '--rm', '--entrypoint', 'node', imageName(target), '-e', look]
  const { names, models, sharp } = JSON.parse(await docker.run(shell)) as {
    names: string[]
    models: boolean
    sharp: boolean
  }
  for (const name of ['hono', 'zod', 'ioredis']) check(names.includes(name), `its list of packages lacks ${name}`)
  for (const name of ['vitest', 'typescript']) check(!names.includes(name), `its list of packages has ${name}`)
  const hasModels = target !== 'server'
  check(models === hasModels && sharp === hasModels, `models: ${models}, sharp: ${sharp}`)
  check(names.includes('sharp') === hasModels, 'its list of packages is not that of what is in it')
}
