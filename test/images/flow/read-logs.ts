/** What the parts of a stack have logged, as a collector of logs would read it. Called by main.ts. */
import { check } from '../report.ts'
import type { ComposeStack } from '../stack/compose-stack.ts'

/** Nothing but JSON in the logs of our parts. */
export async function readLogs(stack: ComposeStack): Promise<string> {
  let count = 0
  for (const service of ['api', 'worker'] as const) {
    for (const id of await stack.containers(service)) {
      const lines = (await stack.docker.run(['logs', id])).split('\n').filter(Boolean)
      const other = lines.find((line) => !isJson(line))
      check(other === undefined, `${service} logs ${other}`)
      count += lines.length
    }
  }
  return `${count} lines, all of them JSON`
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
