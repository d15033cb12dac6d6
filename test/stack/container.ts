/**
 * What an image would start, started without a container: its command line, environment and user on a copy of the house
 * that it may not write to. Names of other services and paths of the image are set to what stands in for them here.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { execFile } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { ComposeService } from './read-compose.ts'
import type { Image } from './read-dockerfile.ts'

export interface Place {
  /** Stands for `/app`. */
  app: string
  /** Stands for `/data`. */
  data: string
  /** Other texts, such as addresses of services, to what they are here. */
  instead: Record<string, string>
  /** Set on top, for ports: each container has its own, this machine has one for all. */
  env: Record<string, string>
}

export interface Container {
  /** What it has printed. */
  lines: string[]
  /** Whether the image's own check says that it is well. */
  isHealthy(): Promise<boolean>
  /** As `docker stop`: asks it to end, and gives its exit code (null: it had to be killed). */
  stop(graceSeconds: number): Promise<number | null>
}

/** The user of the images, where tests may become it and it may read the house and run Node; else undefined. */
export function imageUser(image: Image, app: string): { uid: number; gid: number } | undefined {
  const [uid = 0, gid = 0] = image.user.split(':').map(Number)
  if (process.getuid?.() !== 0) return undefined
  try {
    const look = `require('node:fs').readFileSync(${JSON.stringify(`${app}/node_modules/zod/package.json`)})`
    execFileSync(process.execPath, ['-e', look], { uid, gid, stdio: 'ignore', env: {} })
    return { uid, gid }
  } catch {
    return undefined
  }
}

export function startContainer(image: Image, service: ComposeService | undefined, place: Place): Container {
  const env = environmentOf(image, service, place)
  const user = imageUser(image, place.app) ?? {}
  const here = (text: string) => (text === 'node' ? process.execPath : moved(text, place))
  const [program = '', ...args] = [...image.entrypoint, ...(service?.command ?? image.command)].map(here)
  const child = spawn(program, args, { cwd: moved(image.workdir, place), env, ...user })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line))
  }
  const gone = once(child, 'exit').then(([code]) => code as number | null)
  const endWithUs = (): boolean => child.kill('SIGKILL')
  process.once('exit', endWithUs)
  void gone.then(() => process.off('exit', endWithUs))
  return {
    lines,
    async isHealthy() {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`it ended: ${lines.slice(-5).join('\n')}`)
      const [check = '', ...rest] = image.healthcheck.map(here)
      return promisify(execFile)(check, rest, { env, ...user }).then(
        () => true,
        () => false,
      )
    },
    async stop(graceSeconds) {
      child.kill('SIGTERM')
      const timer = setTimeout(endWithUs, graceSeconds * 1_000)
      const code = await gone
      clearTimeout(timer)
      return code
    },
  }
}

/** What the image sets, what the service sets over it, and nothing of this machine but where programs are. */
function environmentOf(image: Image, service: ComposeService | undefined, place: Place): Record<string, string> {
  const set = Object.entries({ ...image.env, ...service?.environment })
  const here = set.map(([name, value]) => [name, moved(String(value), place)])
  return { PATH: process.env.PATH ?? '', ...Object.fromEntries(here), ...place.env }
}

function moved(text: string, { app, data, instead }: Place): string {
  const whole = Object.entries(instead).reduce((sofar, [from, to]) => sofar.replaceAll(from, to), text)
  return whole.replace(/(^|[\s,])\/app(?=\/|$)/g, `$1${app}`).replace(/^\/data$/, data)
}
