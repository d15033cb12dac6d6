/** Finds the author's own code in a stack trace. Called when the failure of a model is shown. */
import { relative, sep } from 'node:path'

/**
 * Returns the first line of a JavaScript stack that lies in `folder`, or the last such line of a Python traceback, with a
 * short path. Undefined when no line lies in the folder. Packages inside the folder are not the author's own code.
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
