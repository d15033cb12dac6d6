/** What `docker build` leaves below `/app`, as a folder that nobody may write to afterwards. */
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { copyHouse, type HouseCopy } from '../support/processes/copy-house.ts'
import type { Image, Stage } from './read-dockerfile.ts'
import { ROOT } from './stack-files.ts'

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

/** Everything readable to all and writable to nobody; links are left alone, what they name is not ours. */
export function lock(path: string): void {
  const stats = lstatSync(path)
  if (stats.isSymbolicLink()) return
  if (stats.isDirectory()) for (const name of readdirSync(path)) lock(join(path, name))
  if (process.getuid?.() === 0) chownSync(path, 0, 0)
  chmodSync(path, stats.isDirectory() || stats.mode & 0o100 ? 0o555 : 0o444)
}

/** So that it can be deleted again. */
export function unlock(path: string): void {
  if (!existsSync(path) || lstatSync(path).isSymbolicLink() || !lstatSync(path).isDirectory()) return
  chmodSync(path, 0o755)
  for (const name of readdirSync(path)) unlock(join(path, name))
}

/** All paths with the time they were last changed. */
export function stateOf(path: string): string[] {
  const stats = lstatSync(path)
  const own = `${path} ${stats.ctimeMs}`
  if (!stats.isDirectory()) return [own]
  return [own, ...readdirSync(path).flatMap((name) => stateOf(join(path, name)))]
}
