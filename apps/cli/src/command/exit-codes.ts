/** The exit codes of the `millrace` program, for scripts that branch on them. Every command returns one of these; help and docs list them. */

/** The codes by name. 130 and 141 are what a shell reports for a program ended by SIGINT and SIGPIPE. */
export const EXIT = {
  done: 0,
  failed: 1,
  misused: 2,
  canceled: 3,
  silent: 4,
  left: 130,
  unread: 141,
} as const
export type ExitName = keyof typeof EXIT

/** What each code means, in the words of the help and of docs/client.md. */
export const EXIT_MEANINGS: Readonly<Record<ExitName, string>> = {
  done: 'done',
  failed: 'the job or the command failed',
  misused: 'called or set up wrongly',
  canceled: 'the job was canceled',
  silent: 'no server answers',
  left: 'stopped by Ctrl-C',
  unread: 'nobody reads the output any more',
}

const names = Object.keys(EXIT) as ExitName[]

/** The line of the help that lists the codes. */
export const exitCodesLine = `Exit codes: ${names.map((name) => `${EXIT[name]} ${EXIT_MEANINGS[name]}`).join(', ')}.`
