/** Checks that the API can listen on its port, or already does. Called by run-checks.ts. */
import { createServer } from 'node:net'
import type { Config } from '@millrace/process'
import { fail, type Finding, ok } from './finding.ts'

const PATIENCE_MS = 2000

export async function checkPort({ host, port }: Pick<Config, 'host' | 'port'>): Promise<Finding> {
  if (port === 0) return ok('port', 'MILLRACE_PORT is 0: a free port is picked at each start.')
  const fault = await whyNotFree(host, port)
  if (fault === undefined) return ok('port', `Port ${port} of ${host} is free.`)
  if (fault === 'EADDRINUSE') {
    if (await isMillrace(host, port)) return ok('port', `Millrace already listens on port ${port} of ${host}.`)
    const mend = 'Set MILLRACE_PORT to another port, or end the program that listens there.'
    return fail('port', `Port ${port} of ${host} is taken by another program.`, mend)
  }
  return fail('port', `${host}:${port} cannot be listened on (${fault}).`, 'Correct MILLRACE_HOST and MILLRACE_PORT.')
}

function whyNotFree(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

/** True when Millrace answers there: /readyz gives `{status, reasons}`, whether ready or not. */
async function isMillrace(host: string, port: number): Promise<boolean> {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
  try {
    const response = await fetch(`http://${name}:${port}/readyz`, { signal: AbortSignal.timeout(PATIENCE_MS) })
    const { status, reasons } = (await response.json()) as { status?: unknown; reasons?: unknown }
    return (status === 'ok' || status === 'unready') && Array.isArray(reasons)
  } catch {
    return false
  }
}
