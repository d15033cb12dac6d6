/**
 * docker-compose.yml, run as it stands: with the images of this run, a project name, ports and secrets of its own, so that it
 * meets no other installation on the machine. Called by main.ts and the steps.
 */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, createClient } from '@millrace/client'
import { freePort } from '../../support/servers/redis-server.ts'
import { until } from '../../support/until.ts'
import { ROOT } from '../../stack/dockerfile-and-compose.ts'
import type { BaseImages } from '../bases/named-images.ts'
import type { Docker } from '../engine/docker.ts'

export type ServiceName = 'redis' | 's3' | 'api' | 'worker' | 'worker-python'

/** Seconds that a job in hand may go on when its worker is told to stop. Short, so that the run is. */
export const DRAIN_SECONDS = 8
const STARTUP_MS = 180_000

export const imageName = (target: string): string => `millrace-of-the-tests-${target}`

export interface StackOptions {
  docker: Docker
  bases: BaseImages
  /** For the file that names the images. */
  folder: string
}

export class ComposeStack {
  readonly docker: Docker
  readonly client: Client
  readonly url: string
  readonly apiKey: string
  readonly #override: string
  readonly #env: Record<string, string>

  private constructor(docker: Docker, override: string, env: Record<string, string>) {
    this.docker = docker
    this.#override = override
    this.#env = env
    this.url = env.PUBLIC_URL ?? ''
    this.apiKey = env.MILLRACE_API_KEY ?? ''
    this.client = createClient({ url: this.url, apiKey: this.apiKey })
  }

  static async open({ docker, bases, folder }: StackOptions): Promise<ComposeStack> {
    const override = join(folder, 'images.json')
    const own = ['api', 'worker', 'worker-python'].map((service) => {
      return [service, { image: imageName(service === 'api' ? 'server' : service) }]
    })
    const services = { redis: { image: bases.redis }, s3: { image: bases.s3 }, ...Object.fromEntries(own) }
    writeFileSync(override, JSON.stringify({ services }))
    const [api, s3] = await Promise.all([freePort(), freePort()])
    return new ComposeStack(docker, override, {
      COMPOSE_PROJECT_NAME: 'millrace-of-the-tests',
      MILLRACE_API_KEY: randomBytes(16).toString('hex'),
      S3_PASSWORD: randomBytes(16).toString('hex'),
      API_PORT: String(api),
      S3_PORT: String(s3),
      PUBLIC_URL: `http://127.0.0.1:${api}`,
      DRAIN_SECONDS: String(DRAIN_SECONDS),
      STOP_GRACE: `${DRAIN_SECONDS + 15}s`,
    })
  }

  /** `files`: further files that change the first. */
  compose(args: string[], files: string[] = [], env: Record<string, string> = {}): Promise<string> {
    const all = [join(ROOT, 'docker-compose.yml'), this.#override, ...files].flatMap((file) => ['--file', file])
    // Without the `.env` that the folder may have.
    return this.docker.run(['compose', '--env-file', '/dev/null', ...all, ...args], { env: { ...this.#env, ...env } })
  }

  /** Resolves when all that was started says that it is well. */
  async up(args: string[] = [], files: string[] = []): Promise<void> {
    const wait = ['--wait', '--wait-timeout', String(STARTUP_MS / 1000)]
    await this.compose(['up', '--detach', '--no-build', '--quiet-pull', ...wait, ...args], files).catch(
      async (error: unknown) => {
        const log = await this.compose(['logs', '--tail', '20', '--no-color']).catch(String)
        throw new Error(`${String(error)}\n${log}`)
      },
    )
  }

  /** Ids of the containers of a service, in the order of their numbers. */
  async containers(service: ServiceName): Promise<string[]> {
    const ids = (await this.compose(['ps', '--all', '--quiet', service])).split('\n').filter(Boolean)
    const named = await Promise.all(ids.map(async (id) => ({ id, name: await this.inspect(id, '{{.Name}}') })))
    return named.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })).map(({ id }) => id)
  }

  async container(service: ServiceName): Promise<string> {
    const [first] = await this.containers(service)
    if (first === undefined) throw new Error(`there is no container of ${service}`)
    return first
  }

  inspect(id: string, format: string): Promise<string> {
    return this.docker.run(['inspect', '--format', format, id])
  }

  /** Runs a program in the container of a service. */
  async exec(service: ServiceName, ...command: string[]): Promise<string> {
    return this.docker.run(['exec', await this.container(service), ...command])
  }

  async isHealthy(service: ServiceName): Promise<void> {
    for (const id of await this.containers(service)) {
      await until(
        `${service} is well`,
        async () => (await this.inspect(id, '{{.State.Health.Status}}')) === 'healthy',
        {
          timeoutMs: STARTUP_MS,
          everyMs: 500,
        },
      )
    }
  }

  /**
   * As a crash: its first process is killed by the machine, and the policy starts it again. Where the engine is on another
   * machine, it is told to kill and to start.
   */
  async crash(id: string): Promise<void> {
    const pid = Number(await this.inspect(id, '{{.State.Pid}}'))
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      await this.docker.run(['kill', id])
      await this.docker.run(['start', id])
    }
  }

  /** Takes all of it away, with its data. */
  async remove(): Promise<void> {
    await this.compose(['--profile', '*', 'down', '--volumes', '--remove-orphans', '--timeout', '1'])
  }
}
