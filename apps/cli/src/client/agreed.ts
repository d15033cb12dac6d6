/** Asks somebody to type a word before something that cannot be undone. Called by such commands. */
import { createInterface } from 'node:readline/promises'
import { UsageError } from '../command/command-error.ts'

/** Whether the word was typed. Throws UsageError where nobody can be asked. */
export async function agreed(word: string, to: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError('--yes is needed where nobody can be asked')
  const asked = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await asked.question(`Type ${word} to ${to}: `)).trim() === word
  } finally {
    asked.close()
  }
}
