/** What docker-bake.hcl would build, as far as a machine without a registry can tell. Called by main.ts. */
import { ROOT } from '../../stack/dockerfile-and-compose.ts'
import type { Docker } from '../engine/docker.ts'
import { check } from '../report.ts'
import { TARGETS } from './build-images.ts'

export async function printBake(docker: Docker): Promise<string> {
  const printed = await docker.run(['buildx', 'bake', '--file', 'docker-bake.hcl', '--print', 'all'], { cwd: ROOT })
  const { target } = JSON.parse(printed.slice(printed.indexOf('{'))) as {
    target: Record<string, { platforms: string[]; attest: unknown[] }>
  }
  check(
    TARGETS.every((name) => target[name] !== undefined),
    `it builds ${Object.keys(target).join(', ')} alone`,
  )
  for (const [name, { platforms, attest }] of Object.entries(target)) {
    check(platforms.join() === 'linux/amd64,linux/arm64', `${name} is for ${platforms.join()}`)
    check(JSON.stringify(attest).includes('sbom'), `${name} has no SBOM`)
  }
  return `${Object.keys(target).length} targets for amd64 and arm64, with SBOM and provenance`
}
