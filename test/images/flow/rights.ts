/** What the processes of the stack may do, as the kernel tells. Called by main.ts. */
import { check } from '../report.ts'
import type { ComposeStack, ServiceName } from '../stack/compose-stack.ts'

const OWN: readonly ServiceName[] = ['api', 'worker']

/** Uid, capabilities, privileges, a root that nobody may write, and who reaches Redis. */
export async function showRights(stack: ComposeStack): Promise<string> {
  for (const service of OWN) {
    const facts = statusOf(await stack.exec(service, 'cat', '/proc/self/status'))
    check(facts.Uid?.startsWith('65532\t') ?? false, `${service} runs as ${facts.Uid}`)
    for (const name of ['CapEff', 'CapBnd', 'CapPrm']) {
      check(/^0+$/.test(facts[name] ?? ''), `${service} has ${name} ${facts[name]}`)
    }
    check(facts.NoNewPrivs === '1', `${service} can gain rights`)
    const wrote = await stack.exec(service, 'sh', '-c', 'echo x > /app/x && echo written || true')
    check(wrote === '', `${service} may write to its own image`)
  }
  for (const service of ['redis', 's3'] as const) {
    const id = await stack.container(service)
    const users = await stack.docker.run(['top', id, '-eo', 'pid,uid,comm'])
    check(!/^\s*\d+\s+0\s+(redis-server|weed)/m.test(users), `${service} runs as root:\n${users}`)
  }
  const ports = await stack.inspect(await stack.container('redis'), '{{json .NetworkSettings.Ports}}')
  check(!ports.includes('HostPort'), `Redis is published: ${ports}`)
  const shm = await stack.exec('worker', 'df', '-k', '--output=size', '/dev/shm')
  return `uid 65532, no capabilities, no new privileges, root read-only; Redis unpublished; /dev/shm ${Math.round(Number(shm.split('\n')[1]) / 1024)} MB`
}

/** The lines of /proc/PID/status. */
function statusOf(text: string): Record<string, string> {
  return Object.fromEntries(text.split('\n').map((line) => line.split(/:\s+/, 2) as [string, string]))
}
