/** The files that say how Millrace is packed and put together. Read by the tests of the images and of compose. */
import { fileURLToPath } from 'node:url'
import { type Compose, readCompose } from './read-compose.ts'
import { type Dockerfile, readDockerfile } from './read-dockerfile.ts'

/** Root of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export const dockerfile = (): Dockerfile => readDockerfile(`${ROOT}/Dockerfile`)

/** The compose file as it is with nothing set but what must be. */
export const compose = (variables: Record<string, string> = {}): Compose =>
  readCompose(`${ROOT}/docker-compose.yml`, {
    MILLRACE_API_KEY: 'a-key-for-the-tests',
    S3_PASSWORD: 'a-password',
    ...variables,
  })
