import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { expect, it } from 'vitest'
import { createWebhookSecret, signWebhook } from './sign-webhook.ts'

const seconds = () => Math.floor(Date.now() / 1000)

it('signs so that the published library of the standard verifies it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[a-z0-9_]{1,60}$/), (text, id) => {
      const secret = createWebhookSecret()
      const body = JSON.stringify({ text })
      const headers = signWebhook({ id, timestampSeconds: seconds(), body, secrets: [secret] })
      expect(new Webhook(secret).verify(body, headers)).toEqual({ text })
    }),
  )
})

it('gives the very signature that the published library gives', () => {
  const secret = createWebhookSecret()
  const headers = signWebhook({ id: 'evt_1', timestampSeconds: 1_700_000_000, body: '{"ä":1}', secrets: [secret] })
  expect(headers).toEqual({
    'webhook-id': 'evt_1',
    'webhook-timestamp': '1700000000',
    'webhook-signature': new Webhook(secret).sign('evt_1', new Date(1_700_000_000_000), '{"ä":1}'),
  })
})

it('signs once for each secret, so that a receiver may hold the old or the new one', () => {
  const [old, fresh, other] = [createWebhookSecret(), createWebhookSecret(), createWebhookSecret()]
  const headers = signWebhook({ id: 'evt_1', timestampSeconds: seconds(), body: '{}', secrets: [fresh, old] })
  expect(headers['webhook-signature'].split(' ')).toHaveLength(2)
  for (const secret of [old, fresh]) expect(new Webhook(secret).verify('{}', headers)).toEqual({})
  expect(() => new Webhook(other).verify('{}', headers)).toThrow()
})

it('makes secrets of 32 random bytes', () => {
  const secrets = Array.from({ length: 100 }, createWebhookSecret)
  expect(new Set(secrets).size).toBe(100)
  for (const secret of secrets) expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
})

it('refuses ids and secrets that would make a weak or an ambiguous signature, and does not repeat the secret', () => {
  const given = { id: 'evt_1', timestampSeconds: 1, body: '{}', secrets: [createWebhookSecret()] }
  for (const id of ['', 'a.b', 'a b', 'a\r\nb', 'ä']) expect(() => signWebhook({ ...given, id })).toThrow(TypeError)
  expect(() => signWebhook({ ...given, secrets: [] })).toThrow(TypeError)
  for (const secret of ['', 'whsec_', 'whsec_c2hvcnQ=', 'whsec_***', createWebhookSecret().slice(6)]) {
    const refuse = () => signWebhook({ ...given, secrets: [secret] })
    expect(refuse, secret).toThrow(TypeError)
    if (secret.length > 6) expect(refuse).not.toThrow(secret)
  }
})
