/**
 * The log of a process: JSON lines, or one short line each on a terminal. Fields are flat: only scalars and errors are
 * kept, everything else is dropped. So an object cannot bring a body, a header or a command into the log.
 */
import { isoTime } from '@millrace/contracts'
import { pino } from 'pino'
import type { Config } from '../settings/config-schema.ts'
import { formatLogLine } from './format-log-line.ts'
import { LineGatherer } from './line-gatherer.ts'

export type Logger = pino.Logger

export interface LoggerOptions {
  level: Config['logLevel']
  /** Default `auto`: text on a terminal, otherwise JSON. */
  format?: Config['logFormat']
  /** Receives each line. Default: standard output. */
  write?: (line: string) => void
}

/** Characters kept of one value: the message of a model's error may be megabytes. */
const MAX_CHARS = 1024
/** Levels of `cause` that are kept. */
const MAX_CAUSES = 3

/** Lines of this level and above are written at once. */
const URGENT = pino.levels.values.warn ?? 0

/** Makes the logger that a process gives to everything it starts. */
export function createLogger(options: LoggerOptions): Logger {
  const { level, format = 'auto', write } = options
  const text = format === 'text' || (format === 'auto' && write === undefined && process.stdout.isTTY === true)
  const withStack = level === 'debug'
  const flat = (fields: object) => flatten(fields, withStack)
  const output = outputOf(text, write)
  const settings: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: () => `,"time":"${isoTime(Date.now())}"`,
    // `flat` describes errors. The serializer of pino would add every field of the error.
    serializers: { err: (value: unknown) => value },
    formatters: { level: (label) => ({ level: label }), log: flat },
    hooks: {
      logMethod(input, method, level) {
        const args: unknown[] = input
        if (args.length === 1 && args[0] instanceof Error) args.push(args[0].message)
        for (let i = 0; i < args.length; i++) args[i] = clipText(args[i])
        method.apply(this, input)
        if (level >= URGENT) output.flush?.()
      },
    },
  }
  const logger = pino(settings, output)
  // pino has no lasting formatter for a child's fields; children inherit this method from their parent.
  // oxlint-disable-next-line typescript/unbound-method -- called with the parent as `this` below
  const { child } = logger
  return Object.assign(logger, {
    child(this: Logger, bindings: object, childOptions?: object) {
      return child.call(this, flat(bindings), childOptions)
    },
  }) as Logger
}

/** All loggers of a process have one standard output. */
let gatherer: LineGatherer | undefined

/** Where lines go: as text one by one, for people read along; as JSON many together. */
function outputOf(text: boolean, write: LoggerOptions['write']): { write(line: string): void; flush?(): void } {
  if (!text) return write ? { write } : (gatherer ??= new LineGatherer())
  const out = write ?? ((line: string) => void process.stdout.write(line))
  return { write: (line) => out(formatLogLine(line)) }
}

/**
 * The part of an error that a log keeps: name, code, a message of at most 1 KB, and causes. The stack only with `withStack`.
 */
export function describeError(error: Error, withStack = false, depth = 0): Record<string, unknown> {
  const { name, message, stack, cause } = error
  const code = (error as { code?: unknown }).code
  return {
    name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: clip(message),
    ...(withStack ? { stack: clip(stack ?? '', 4 * MAX_CHARS) } : {}),
    ...(cause instanceof Error && depth < MAX_CAUSES ? { cause: describeError(cause, withStack, depth + 1) } : {}),
  }
}

function flatten(fields: object, withStack: boolean): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const key of Object.keys(fields)) {
    const value = (fields as Record<string, unknown>)[key]
    if (typeof value === 'string') kept[key] = clip(value)
    else if (value instanceof Error) kept[key] = describeError(value, withStack)
    else if (isScalar(value)) kept[key] = value
    else if (Array.isArray(value) && value.length <= 20 && value.every(isScalar)) kept[key] = value.map(clipText)
  }
  return kept
}

const isScalar = (value: unknown): boolean =>
  value === null || ['string', 'number', 'boolean', 'bigint'].includes(typeof value)

const clipText = (value: unknown): unknown => (typeof value === 'string' ? clip(value) : value)

/** Cuts a text, and removes user and password from every address in it. */
function clip(text: string, max = MAX_CHARS): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text
  // Nearly every text needs no search, and this check is cheap.
  if (!cut.includes('://')) return cut
  return cut.replace(/(\w:\/\/)[^\s/@]*@/g, '$1***@')
}
