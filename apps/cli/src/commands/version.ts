/** `millrace version`: prints the version of the package. Listed in commands.ts. */
import { EXIT } from '../command/exit-codes.ts'
import { readFileSync } from 'node:fs'
import type { Command } from '../command/command.ts'

export const versionCommand: Command = {
  name: 'version',
  about: 'Print the version.',
  flags: [],
  async run() {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    console.log(version)
    return EXIT.done
  },
}
