/**
 * Reads a compose file as `docker compose` does: variables filled in, anchors merged, and held against the published
 * schema. Beyond that it takes only the keys and forms that are used here, so that nothing in the file goes unchecked.
 */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { composeFaults } from './compose-faults.ts'

const texts = z.array(z.string())
const name = z.string().regex(/^[a-z][a-z0-9-]*$/)
const duration = z.string().regex(/^\d+s$/)
const bytes = z.string().regex(/^\d+[kmg]b$/)
const scalar = z.union([z.string(), z.number(), z.boolean()])

/** The parts of the Compose Specification that are used here, and strictly no other: it also has `privileged`. */
const service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string(), target: name }).optional(),
  command: texts.optional(),
  environment: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), scalar).optional(),
  profiles: z.array(name).optional(),
  depends_on: z.record(name, z.strictObject({ condition: z.string() })).optional(),
  networks: z.array(name).optional(),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/)).optional(),
  volumes: z.array(z.string().regex(/^([a-z0-9-]+:)?\/[a-z/.]+$/)).optional(),
  tmpfs: z.array(z.string().startsWith('/')).optional(),
  shm_size: bytes.optional(),
  healthcheck: z
    .strictObject({ test: texts.nonempty(), interval: duration, timeout: duration, retries: z.int().positive() })
    .optional(),
  stop_grace_period: duration,
  restart: z.enum(['unless-stopped', 'no']),
  init: z.boolean().optional(),
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  cap_drop: texts,
  cap_add: texts.optional(),
  security_opt: texts,
  pids_limit: z.int().positive(),
  deploy: z
    .strictObject({
      resources: z.strictObject({
        reservations: z.strictObject({
          devices: z.array(
            z.strictObject({ driver: z.string(), count: z.union([z.literal('all'), z.int()]), capabilities: texts }),
          ),
        }),
      }),
    })
    .optional(),
})

const composeSchema = z.strictObject({
  name,
  services: z.record(name, service),
  networks: z.record(name, z.strictObject({ internal: z.boolean().optional() }).nullable()),
  volumes: z.record(name, z.null()),
})

export type Compose = z.infer<typeof composeSchema>
export type ComposeService = z.infer<typeof service>

export const readCompose = (path: string, variables: Record<string, string>): Compose =>
  parseCompose(readFileSync(path, 'utf8'), variables)

/** Throws for what the schema does not allow, what is not used here, and a variable that must be given and is not. */
export function parseCompose(text: string, variables: Record<string, string>): Compose {
  const document = fillIn(parse(text, { merge: true }), variables) as Record<string, unknown>
  const faults = composeFaults(document)
  if (faults.length > 0) throw new Error(`no compose file: ${faults.join('; ')}`)
  return composeSchema.parse(Object.fromEntries(Object.entries(document).filter(([key]) => !key.startsWith('x-'))))
}

function fillIn(value: unknown, variables: Record<string, string>): unknown {
  if (typeof value === 'string') return fillText(value, variables)
  if (Array.isArray(value)) return value.map((each) => fillIn(each, variables))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fillIn(each, variables)]))
}

/** `${NAME:-default}`, in which others may stand, `${NAME:?what is missing}`, and a doubled `$` for one. */
function fillText(text: string, variables: Record<string, string>): string {
  const filled = text.replace(
    /\$\$|\$\{(\w+)(?::([-?])((?:[^{}]|\$\{[^{}]*\})*))?\}/g,
    (whole, variable: string | undefined, kind: string | undefined, rest: string = '') => {
      if (variable === undefined) return whole.slice(1)
      const value = variables[variable]
      if (value) return value
      if (kind === '?') throw new Error(`${variable}: ${rest}`)
      return fillText(rest, variables)
    },
  )
  return filled
}

export const secondsOf = (text: string): number => Number(text.replace(/s$/, ''))
