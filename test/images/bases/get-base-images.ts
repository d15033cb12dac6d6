/**
 * The images of others that ours and the stack stand on: those that the files name, where a registry can be reached, and
 * else stand-ins of the same programs, made from packages. Called by main.ts.
 */
import type { Engine } from '../engine/engine.ts'
import { type BaseImages, namedImages } from './named-images.ts'
import { makeStandIns } from './make-stand-ins.ts'

const PULL_MS = 180_000

export async function getBaseImages(engine: Engine, say: (line: string) => void): Promise<BaseImages> {
  const named = namedImages()
  say('Getting the images of others …')
  if (await engine.docker.succeeds(['pull', '--quiet', named.node], { timeoutMs: PULL_MS })) {
    return { ...named, note: 'the images that the files name' }
  }
  if (engine.programs === undefined)
    throw new Error('no registry of images can be reached, and the engine is not our own')
  return makeStandIns({ docker: engine.docker, programs: engine.programs, named, say })
}
