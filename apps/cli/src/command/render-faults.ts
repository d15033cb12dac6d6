/** The tables of docs/client.md: exit codes and faults of the program, so that the page cannot differ from the code. Called by `npm run generate`. */
import { EXIT, EXIT_MEANINGS, type ExitName } from './exit-codes.ts'
import { FAULTS } from './faults.ts'

/** Two Markdown tables: what each exit code means, and what to do about each fault. */
export function renderFaults(): string {
  const codes = (Object.keys(EXIT) as ExitName[]).map((name) => `| ${EXIT[name]} | ${EXIT_MEANINGS[name]} |`)
  const faults = Object.entries(FAULTS).map(
    ([code, { exit, means, fix }]) => `| \`${code}\` | ${EXIT[exit]} | ${means} | ${fix} |`,
  )
  return [
    '| exit code | means |',
    '| --- | --- |',
    ...codes,
    '',
    '| fault | exit code | what happened | what to do |',
    '| --- | --- | --- | --- |',
    ...faults,
  ].join('\n')
}
