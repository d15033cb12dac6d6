/** The check that docs/deploy.md names, in each part of a running stack. Called by main.ts. */
import { check } from '../report.ts'
import type { ComposeStack } from '../stack/compose-stack.ts'

const DOCTOR = ['millrace', 'doctor', '--json']

export async function askDoctor(stack: ComposeStack): Promise<string> {
  for (const [service, role] of [
    ['worker', []],
    ['api', ['--role', 'api']],
  ] as const) {
    const said = await stack.exec(service, ...DOCTOR, ...role)
    const { findings } = JSON.parse(said) as { findings: { status: string; check: string; message: string }[] }
    const bad = findings.filter(({ status }) => status === 'fail')
    check(bad.length === 0, `${service}: ${JSON.stringify(bad)}`)
  }
  return 'finds nothing wrong in worker and API'
}
