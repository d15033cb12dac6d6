/** A command as the user can type it. Every text that names a command to type next takes it from here. */

/** This process was called in one way, so it is known once for all texts. */
let before = ''

type Env = Readonly<Record<string, string | undefined>>

/** Called at the start, by run-cli.ts. */
export function rememberCall(env: Env): void {
  before = wordBefore(env)
}

/** What whoever started this program leaves in its environment. After that its folder of programs is on no PATH. */
function wordBefore({ npm_config_user_agent: agent = '', npm_lifecycle_script: script, ...env }: Env): string {
  const byScript = /^'?millrace\b|\bmillrace\.mjs\b/.test(script ?? '')
  const isByName = script === undefined && (env.npm_command === 'exec' || env.npm_lifecycle_event === 'millrace')
  if (agent.startsWith('pnpm/') && (byScript || isByName)) return 'pnpm exec '
  // The newer yarn leaves no name, only the folder of what it starts.
  if (agent.startsWith('yarn/') && (byScript || isByName || env.BERRY_BIN_FOLDER !== undefined)) return 'yarn '
  return byScript ? 'npx ' : ''
}

/** `typed('check boxes')` is `npx millrace check boxes` where npx started this program, and `millrace check boxes` where a shell did. */
export const typed = (words: string): string => `${before}millrace ${words}`

/** The same for all commands that a text holds in backticks: for texts of rooms that know nothing of how the program was called. */
export const typedText = (text: string): string => text.replaceAll(/`millrace(?= [a-z<])/g, `\`${before}millrace`)
