/** Looks for secrets wherever a process of the same user can look: environments, command lines and files. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineModel } from '@millrace/model'
import { z } from 'zod'

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

export default defineModel({
  name: 'spy',
  version: '1.0.0',
  input: z.object({
    needles: z.array(z.string()).describe('What to look for, in base64: the input itself lies in a file, too.'),
    folder: z.string().describe('Whose files are searched.'),
  }),
  output: z.object({
    places: z.array(z.string()).describe('Where something was found.'),
    parent: z.string().describe("The parent's command line, to show that it can be seen."),
  }),
  predict: ({ needles, folder }) => {
    const wanted = needles.map((needle) => Buffer.from(needle, 'base64').toString('latin1'))
    const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    const paths = [
      ...processes.flatMap((pid) => [`/proc/${pid}/environ`, `/proc/${pid}/cmdline`]),
      ...filesBelow(folder),
    ]
    const places = paths.filter((path) => wanted.some((needle) => textOf(path).includes(needle)))
    return { places, parent: textOf(`/proc/${process.ppid}/cmdline`) }
  },
})
