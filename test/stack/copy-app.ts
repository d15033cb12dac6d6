/** What `docker build` leaves below `/app`, as a folder. Called by stack.test.ts. */
import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { copyHouse, type HouseCopy } from '../support/processes/copy-house.ts'
import type { Image, Stage } from './read-dockerfile.ts'
import { ROOT } from './dockerfile-and-compose.ts'

/** A copy of apps and libs, with the models that the images name. */
export function copyApp(images: Image[]): HouseCopy {
  const house = copyHouse()
  const named = images.flatMap(({ env }) => (env.MILLRACE_MODELS ?? '').split(',').filter(Boolean))
  for (const model of new Set(named.map((path) => path.replace('/app/', '')))) {
    const packages = join(ROOT, model, 'node_modules')
    cpSync(join(ROOT, model), join(house.root, model), {
      recursive: true,
      filter: (path) => !path.startsWith(packages),
    })
  }
  return house
}

/** Runs those steps of a stage that are Millrace's own, in the copy, as the user who builds. */
export function runOwnSteps(house: HouseCopy, stage: Stage | undefined): number {
  const own =
    stage?.instructions.filter(({ name, text }) => name === 'RUN' && /^node |^install -d .*\.cache/.test(text)) ?? []
  for (const { text } of own) {
    const env = { PATH: process.env.PATH ?? '', HOME: '/tmp', NODE_ENV: 'production' }
    execFileSync('sh', ['-ec', text], { cwd: house.root, env, stdio: 'ignore' })
  }
  return own.length
}
