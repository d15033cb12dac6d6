/** A profile in sentences, for the terminal and for the notes beside a target that was missed. */
import { plainOf, isScript } from './command-stats.ts'
import type { Profile } from './profile-load.ts'

/** Scripts and commands that are named; the rest matter less. */
const MOST_NAMED = 12

export function renderProfile(profile: Profile, unit: string): string[] {
  return [
    processSentence(profile, unit),
    redisSentence(profile, unit),
    scriptSentence(profile),
    commandSentence(profile),
  ]
}

/** Per request of the undisturbed part. */
const share = ({ figures }: Profile, value: number): number => value / (figures.requests as number)

function processSentence(profile: Profile, unit: string): string {
  const { figures, processes } = profile
  const parts = Object.entries(processes).map(([part, { userSeconds, systemSeconds, wakes }]) => {
    const kernel = (100 * systemSeconds) / (userSeconds + systemSeconds || 1)
    return `${part} ${whole(figures[`${part}Us`])} (${whole(kernel)} % in the kernel, ${tenth(share(profile, wakes))} wakes)`
  })
  return `CPU µs per ${unit}, ${whole(figures.perSecond)}/s: redis ${whole(figures.redisUs)}, ${parts.join(', ')}; in all ${whole(figures.allUs)}.`
}

function redisSentence(profile: Profile, unit: string): string {
  const scripts = [...profile.commands].filter(([name]) => isScript(name)).map(([, stats]) => stats)
  const calls = scripts.reduce((sum, stats) => sum + stats.calls, 0)
  const us = scripts.reduce((sum, stats) => sum + stats.us, 0)
  const plain = plainOf(profile.commands)
  // Redis clocks what passes, not what it computes: on a busy machine there is nothing left.
  const rest = Math.max(0, (profile.figures.redisUs as number) - share(profile, Math.max(us, plain.us)))
  const { received, sent } = profile.bytes
  return [
    `Redis, µs per ${unit}: scripts ${whole(share(profile, us))} in ${tenth(share(profile, calls))} calls`,
    `all commands, in them or alone, ${whole(share(profile, plain.us))} in ${tenth(share(profile, plain.calls))}`,
    `sockets, protocol and the append-only file ${whole(rest)}`,
    `${tenth(share(profile, received) / 1024)} KB in, ${tenth(share(profile, sent) / 1024)} KB out.`,
  ].join('; ')
}

function scriptSentence({ scripts, clockedRequests }: Profile): string {
  const named = scripts.slice(0, MOST_NAMED).map(({ name, calls, p50Us, p99Us, us }) => {
    const times = `${(calls / clockedRequests).toFixed(2)} calls, p50 ${whole(p50Us)}, p99 ${whole(p99Us)}`
    return `${name} ${tenth(us / clockedRequests)} (${times})`
  })
  return `By script and command of a client, µs with a clock on them: ${named.join(', ')}.`
}

function commandSentence(profile: Profile): string {
  const plain = [...profile.commands].filter(([name]) => !isScript(name)).sort(([, a], [, b]) => b.us - a.us)
  const named = plain.slice(0, MOST_NAMED).map(([name, { calls, us }]) => {
    return `${name} ${tenth(share(profile, us))} (${share(profile, calls).toFixed(2)})`
  })
  return `By command, in scripts or alone, µs (times): ${named.join(', ')}.`
}

const whole = (value: number | undefined): string => (value ?? Number.NaN).toFixed(0)
const tenth = (value: number): string => value.toFixed(1)
