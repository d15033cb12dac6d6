/** Formats a JSON log line for a person at a terminal. Called by the logger. */
import { terminalText } from './terminal-text.ts'

const HIDDEN = new Set(['time', 'level', 'msg'])

/** Gives `12:03:04 warn  lost the store  code=ECONNREFUSED`. A line that is not JSON stays as it is. */
export function formatLogLine(line: string): string {
  let entry: Record<string, unknown>
  try {
    entry = JSON.parse(line) as Record<string, unknown>
  } catch {
    return line
  }
  const time = String(entry.time).slice(11, 19)
  const level = entry.level === 'info' ? '' : `${String(entry.level)}: `
  const fields = Object.entries(entry)
    .filter(([key]) => !HIDDEN.has(key))
    .map(([key, value]) => field(key, value))
  return terminalText(`${[time, `${level}${typeof entry.msg === 'string' ? entry.msg : ''}`, ...fields].join('  ')}\n`)
}

function field(key: string, value: unknown): string {
  if (typeof value !== 'object' || value === null) return `${key}=${String(value)}`
  const { message, code, stack } = value as { message?: string; code?: string; stack?: string }
  if (stack) return `\n${stack}`
  return message === undefined
    ? `${key}=${JSON.stringify(value)}`
    : `${key}=${[code, message].filter(Boolean).join(' ')}`
}
