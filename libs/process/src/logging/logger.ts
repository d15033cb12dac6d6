/**
 * The log of a process: JSON lines, or one quiet line each on a terminal. Fields are flat and allow-listed: scalars and
 * errors pass, anything else is dropped, so no body, header or command can slip into a log with an object.
 */
import { pino } from 'pino'
import type { Config } from '../settings/config-schema.ts'
import { formatLogLine } from './format-log-line.ts'

export type Logger = pino.Logger

export interface LoggerOptions {
  level: Config['logLevel']
  /** Default auto: text on a terminal, else JSON. */
  format?: Config['logFormat']
  /** Where lines go. Default: standard output. */
  write?: (line: string) => void
}

/** Longest text kept of one value; a model's error message may be megabytes. */
const MAX_CHARS = 1024
/** Nesting of `cause` that is kept. */
const MAX_CAUSES = 3

/** Makes the logger that a process hands to everything it starts. */
export function createLogger(options: LoggerOptions): Logger {
  const { level, format = 'auto', write } = options
  const text = format === 'text' || (format === 'auto' && write === undefined && process.stdout.isTTY === true)
  const withStack = level === 'debug'
  const flat = (fields: object) => flatten(fields, withStack)
  const settings: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    // Errors are described in `flat`; pino's own serializer would add every field of the error.
    serializers: { err: (value: unknown) => value },
    formatters: { level: (label) => ({ level: label }), log: flat },
    hooks: {
      logMethod(input, method) {
        const args: unknown[] = input
        const bare = args.length === 1 && args[0] instanceof Error
        const clean = bare ? [args[0], clip((args[0] as Error).message)] : args.map(clipText)
        method.apply(this, clean as Parameters<typeof method>)
      },
    },
  }
  const out = write ?? ((line: string) => void process.stdout.write(line))
  const logger =
    text || write ? pino(settings, { write: (line) => out(text ? formatLogLine(line) : line) }) : pino(settings)
  // pino has no lasting formatter for a child's fields; children inherit this method from their parent.
  // oxlint-disable-next-line typescript/unbound-method -- called with the parent as `this` below
  const { child } = logger
  return Object.assign(logger, {
    child(this: Logger, bindings: object, childOptions?: object) {
      return child.call(this, flat(bindings), childOptions)
    },
  }) as Logger
}

/** What a log keeps of an error: name, code, message of at most 1 KB, causes; the stack only when asked. */
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
  for (const [key, value] of Object.entries(fields)) {
    if (value instanceof Error) kept[key] = describeError(value, withStack)
    else if (typeof value === 'string') kept[key] = clip(value)
    else if (isScalar(value)) kept[key] = value
    else if (Array.isArray(value) && value.length <= 20 && value.every(isScalar)) kept[key] = value.map(clipText)
  }
  return kept
}

const isScalar = (value: unknown): boolean =>
  value === null || ['string', 'number', 'boolean', 'bigint'].includes(typeof value)

const clipText = (value: unknown): unknown => (typeof value === 'string' ? clip(value) : value)

/** Cuts a text, and takes user and password out of any address in it. */
function clip(text: string, max = MAX_CHARS): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text
  // Nearly every text of every line goes without the search.
  if (!cut.includes('://')) return cut
  return cut.replace(/(\w:\/\/)[^\s/@]*@/g, '$1***@')
}
