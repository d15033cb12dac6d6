/** What Redis says of the commands that it has done, those inside of scripts included. Called by profileLoad. */

export interface CommandStats {
  calls: number
  us: number
}

/** From the text of `INFO commandstats`, by the name of the command. */
export function parseCommandStats(info: string): Map<string, CommandStats> {
  const lines = info.matchAll(/^cmdstat_([^:]+):calls=(\d+),usec=(\d+),/gm)
  return new Map([...lines].map(([, name = '', calls, us]) => [name, { calls: Number(calls), us: Number(us) }]))
}

/** Those that run a script: what they took holds what the commands inside took. */
export const isScript = (command: string): boolean => /^(eval|fcall)/.test(command)

/** Sums of all that are not scripts: within scripts or sent alone. */
export function plainOf(stats: ReadonlyMap<string, CommandStats>): CommandStats {
  const sum = { calls: 0, us: 0 }
  for (const [name, { calls, us }] of stats) {
    if (isScript(name)) continue
    sum.calls += calls
    sum.us += us
  }
  return sum
}
