/** What each part of a stack takes of the memory. Called by main.ts. */
import type { ComposeStack, ServiceName } from '../stack/compose-stack.ts'

/** With nothing to do. */
export async function weigh(stack: ComposeStack): Promise<string> {
  const services: ServiceName[] = ['api', 'worker', 'redis', 's3']
  const weights = await Promise.all(
    services.map(async (service) => {
      const id = await stack.container(service)
      const used = await stack.docker.run(['stats', '--no-stream', '--format', '{{.MemUsage}}', id])
      return `${service} ${used.split(' / ')[0]}`
    }),
  )
  return weights.join(', ')
}
