/** `millrace doctor`: checks everything that Millrace needs, and says what is wrong and how to mend it. */
import { EXIT } from '../../command/exit-codes.ts'
import { terminalJson } from '@millrace/process'
import { UsageError } from '../../command/command-error.ts'
import type { Command, Flag } from '../../command/command.ts'
import { typedText } from '../../command/typed.ts'
import type { Finding } from '../../doctor/finding.ts'
import type { Role } from '../../doctor/run-checks.ts'
import { LISTEN_FLAGS, MODEL_FLAGS } from '../../services/service-flags.ts'

const FLAGS: Flag[] = [
  { name: 'json', type: 'boolean', about: 'Print the findings as JSON.' },
  { name: 'role', type: 'string', about: 'Look at what that part needs alone: api or worker. Default: both.' },
  { name: 'timeout', type: 'string', about: 'Seconds that one model may take to load; 60 unless given.' },
  ...LISTEN_FLAGS,
  ...MODEL_FLAGS,
]

export const doctorCommand: Command = {
  name: 'doctor',
  about: 'Look for what is wrong with this machine, its settings and its models, and say how to mend it.',
  flags: FLAGS,
  async run({ flags, env }) {
    const given = FLAGS.flatMap(({ name, setting }) => {
      const value = flags[name]
      return setting !== undefined && typeof value === 'string' ? [[setting, value] as const] : []
    })
    // Imported here because it loads the worker, which `millrace help` does not need.
    const { runChecks } = await import('../../doctor/run-checks.ts')
    const findings = await runChecks({
      env: { ...env, ...Object.fromEntries(given) },
      role: roleOf(flags.role),
      modelTimeoutMs: secondsOf(flags.timeout) * 1000,
      cwd: process.cwd(),
    })
    const failed = findings.filter(({ status }) => status === 'fail').length
    console.log(flags.json === true ? terminalJson({ ok: failed === 0, findings }, 2) : table(findings, failed))
    return failed === 0 ? EXIT.done : EXIT.failed
  },
}

function roleOf(flag: unknown): Role {
  if (flag === undefined) return 'all'
  if (flag === 'api' || flag === 'worker') return flag
  throw new UsageError(`--role expects api or worker, got ${JSON.stringify(flag)}`)
}

function secondsOf(flag: unknown): number {
  const seconds = flag === undefined ? 60 : Number(flag)
  if (seconds > 0 && seconds <= 3600) return seconds
  throw new UsageError(`--timeout expects seconds, from 1 to 3600, got "${String(flag)}"`)
}

function table(findings: Finding[], failed: number): string {
  const width = Math.max(...findings.map(({ check }) => check.length))
  const rows = findings.flatMap(({ check, status, message, mend }) => [
    `${status.padEnd(4)}  ${check.padEnd(width)}  ${message}`,
    ...(mend === undefined ? [] : [`${' '.repeat(width + 8)}→ ${mend}`]),
  ])
  const warned = findings.filter(({ status }) => status === 'warn').length
  const end = failed === 0 && warned === 0 ? 'All is well.' : `${failed} failed, ${warned} to look at.`
  return typedText([...rows, '', end].join('\n'))
}
