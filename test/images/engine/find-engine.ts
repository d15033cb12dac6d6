/**
 * Where the images are built: an engine that runs already, or, for root on Debian, one of its own in a temporary folder.
 * Called by main.ts.
 */
import { Docker } from './docker.ts'
import type { Engine } from './engine.ts'
import { startOwnEngine, whyNotOwn } from './own-engine.ts'

export interface FindOptions {
  /** Whether one may be started when none runs. */
  mayStart: boolean
  /** Where the files of an own engine are; kept, so that the next run is faster. Default: a temporary one. */
  folder?: string
  say(line: string): void
}

/** `why` says why there is none. */
export async function findEngine({ mayStart, folder, say }: FindOptions): Promise<Engine | { why: string }> {
  const docker = new Docker('docker', process.env)
  const version = await docker.engineVersion()
  if (version !== undefined) {
    const compose = await docker.run(['compose', 'version', '--short']).catch(() => undefined)
    if (compose === undefined) return { why: `the engine that runs (Docker ${version}) has no Compose v2` }
    return { docker, name: `Docker ${version}, Compose ${compose}`, end: async () => undefined }
  }
  if (!mayStart) return { why: 'no engine runs here; MILLRACE_TEST_IMAGES=1 lets this suite start one' }
  const why = whyNotOwn()
  return why === undefined ? startOwnEngine({ folder, say }) : { why: `no engine runs here, and ${why}` }
}
