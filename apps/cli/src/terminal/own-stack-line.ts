/** Finds the author's own code in a stack trace. Called where a model's failure is shown. */
import { relative, sep } from 'node:path'

/**
 * The first line of a JavaScript stack that lies in that folder, else the last such line of a Python traceback, with its
 * path made short; undefined when the trace never passes through the folder. Packages below it are not the author's own.
 */
export function ownStackLine(traceback: string | undefined, folder: string, from: string): string | undefined {
  const lines = (traceback ?? '').split('\n')
  const own = lines.filter((line) => line.includes(folder + sep) && !line.includes('node_modules'))
  const line = own.find((text) => /^\s+at /.test(text)) ?? own.filter((text) => /^\s+File "/.test(text)).at(-1)
  return line
    ?.trim()
    .replace('file://', '')
    .replace(folder, relative(from, folder) || '.')
}
