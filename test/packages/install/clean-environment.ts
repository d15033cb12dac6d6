/** The environment of a person at a shell: without what npm, vitest or a package manager have left in ours. */

const LEFT =
  /^(npm_(lifecycle|package|command|config_local_prefix|execpath|node_execpath|config_user_agent)|INIT_CWD|NODE_(OPTIONS|PATH|ENV)|VITEST|TEST$|MILLRACE_)/

/** `node`: the program of Node that all commands are to find first; left out: that of this process. */
export function cleanEnvironment(folders: readonly string[] = []): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name, value]) => value !== undefined && !LEFT.test(name))
  const env = Object.fromEntries(kept) as Record<string, string>
  return {
    ...env,
    PATH: [...folders, ...(env.PATH ?? '').split(':').filter((path) => !path.includes('node_modules'))].join(':'),
  }
}
