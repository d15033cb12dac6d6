/**
 * A real Chromium for the tests of the web page. Where there is none, they are skipped and say why. Called by the tests in this
 * folder, once in each file.
 */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** Its path; undefined when this machine has none. */
export const CHROMIUM = (process.env.PATH ?? '')
  .split(delimiter)
  .concat('/usr/bin', '/snap/bin')
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((path) => isProgram(path))

/** What the title of a suite says. */
export const IN_CHROMIUM = CHROMIUM
  ? 'in Chromium'
  : 'in Chromium, which this machine lacks (Debian: apt-get install chromium)'

export function openBrowser(args: readonly string[] = []): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error('there is no Chromium: skip the suite')
  // Its sandbox refuses root, and containers often run as root.
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage', ...args] })
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
