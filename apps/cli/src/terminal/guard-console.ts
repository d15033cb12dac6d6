/**
 * Makes everything safe that this program prints, because anybody may have written it: all output passes through here.
 * Called once, by runCli.
 */
import { format } from 'node:util'
import { terminalText } from '@millrace/process'

export function guardConsole(): void {
  for (const method of ['log', 'error', 'warn'] as const) {
    const print = console[method].bind(console)
    console[method] = (...parts: unknown[]): void => print('%s', terminalText(format(...parts)))
  }
}
