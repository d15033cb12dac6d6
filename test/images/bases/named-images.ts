/** The images of others, by their names. Used by all that builds or runs something on them. */
import { readFileSync } from 'node:fs'
import { compose, ROOT } from '../../stack/dockerfile-and-compose.ts'

/** The names of images to use. */
export interface BaseImages {
  node: string
  cuda: string
  redis: string
  s3: string
  /** Whether these are stand-ins, and what they are made of: for the table. */
  note: string
}

/** As Dockerfile and docker-compose.yml name them. */
export function namedImages(): Omit<BaseImages, 'note'> {
  const dockerfile = readFileSync(`${ROOT}/Dockerfile`, 'utf8')
  const { redis, s3 } = compose().services
  const argument = (name: string): string => new RegExp(`^ARG ${name}=(\\S+)$`, 'm').exec(dockerfile)?.[1] ?? ''
  return {
    node: argument('NODE_IMAGE'),
    cuda: argument('CUDA_IMAGE'),
    redis: redis?.image ?? '',
    s3: s3?.image ?? '',
  }
}
