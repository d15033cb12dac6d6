import { loadConfig } from '@millrace/process'
import { expect, it } from 'vitest'
import { withOwnReceivers } from './dev.ts'

const allowed = (env: Record<string, string>) => withOwnReceivers(loadConfig(env)).webhookAllowHosts

it('lets webhooks go to this machine when nobody else can ask for them', () => {
  expect(allowed({})).toEqual(['127.0.0.1', '::1', 'localhost'])
  expect(allowed({ MILLRACE_PUBLIC_URL: '' })).toContain('localhost')
})

it.each([
  [{ MILLRACE_API_KEY: 'sixteen-letters!' }],
  [{ MILLRACE_PUBLIC_URL: 'https://jobs.example.com' }],
  [{ MILLRACE_HOST: '0.0.0.0' }],
])('does not with %o', (env) => {
  expect(allowed(env)).toEqual([])
  expect(allowed({ ...env, MILLRACE_WEBHOOK_ALLOW_HOSTS: '127.0.0.1' })).toEqual(['127.0.0.1'])
})
