import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { verifyWebhook, type VerifyWebhookOptions } from './verify-webhook.ts'

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const OTHER = `whsec_${Buffer.alloc(32, 2).toString('base64')}`
const BODY = JSON.stringify({
  type: 'webhook.test',
  timestamp: '2026-01-01T00:00:00.000Z',
  data: { message: 'größer' },
})
const NOW = Date.UTC(2026, 0, 1)

/** Signed by the published library, as any sender of the standard does it. */
function signed({ body = BODY, secret = SECRET, at = NOW, id = 'evt_1' } = {}): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, new Date(at), body),
  }
}

const verify = (changed: Partial<VerifyWebhookOptions> = {}) =>
  verifyWebhook({ headers: signed(), body: BODY, secret: SECRET, now: () => NOW, ...changed })

const refusal = (code: string) => expect.objectContaining({ name: 'WebhookVerificationError', code })

describe('a webhook is taken', () => {
  it('when the published library of the standard signed it, whatever its body', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[a-z0-9_]{1,60}$/), async (text, id) => {
        const body = JSON.stringify({ type: 'job.succeeded', data: { text } })
        const event = await verify({ body, headers: signed({ body, id }) })
        expect(event).toEqual(JSON.parse(body))
      }),
    )
  })

  it('from every kind of headers and body that a server has', async () => {
    const plain = signed()
    const upper = Object.fromEntries(Object.entries(plain).map(([name, value]) => [name.toUpperCase(), value]))
    for (const headers of [plain, upper, new Headers(plain), { ...plain, accept: ['a', 'b'], host: undefined }]) {
      expect(await verify({ headers })).toEqual(JSON.parse(BODY))
    }
    const bytes = Buffer.from(`__${BODY}__`).subarray(2, -2)
    for (const body of [bytes, new Uint8Array(bytes), new Uint8Array(bytes).buffer]) {
      expect(await verify({ body })).toEqual(JSON.parse(BODY))
    }
  })

  it('when one of several secrets made one of several signatures', async () => {
    const unknown = `v1a,${'x'.repeat(44)} v2,abc nonsense v1,*** ${signed({ secret: OTHER })['webhook-signature']}`
    const headers = { ...signed(), 'webhook-signature': `${unknown} ${signed()['webhook-signature']}` }
    expect(await verify({ headers })).toEqual(JSON.parse(BODY))
    expect(await verify({ secret: undefined, secrets: [OTHER, SECRET] })).toEqual(JSON.parse(BODY))
    expect(await verify({ secret: SECRET.slice(6) })).toEqual(JSON.parse(BODY))
  })

  it('within the tolerance to both sides', async () => {
    for (const at of [NOW - 300_000, NOW + 300_000]) {
      expect(await verify({ headers: signed({ at }) })).toEqual(JSON.parse(BODY))
    }
    expect(await verify({ headers: signed({ at: NOW - 3_600_000 }), toleranceSeconds: 3600 })).toEqual(JSON.parse(BODY))
  })
})

describe('a webhook is refused', () => {
  it('when body, id, time or signature were changed, or the secret is another', async () => {
    const headers = signed()
    await expect(verify({ body: `${BODY} ` })).rejects.toThrow(refusal('no_match'))
    await expect(verify({ body: BODY.replace('größer', 'kleiner') })).rejects.toThrow(refusal('no_match'))
    await expect(verify({ headers: { ...headers, 'webhook-id': 'evt_2' } })).rejects.toThrow(refusal('no_match'))
    const later = { ...headers, 'webhook-timestamp': String(NOW / 1000 + 1) }
    await expect(verify({ headers: later })).rejects.toThrow(refusal('no_match'))
    await expect(verify({ secret: OTHER })).rejects.toThrow(refusal('no_match'))
  })

  it('whatever stands in the signature instead of the right one', async () => {
    const right = signed()['webhook-signature'] ?? ''
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ minLength: 1 }),
          fc.nat(right.length - 2).map((end) => right.slice(0, end) || 'v1'),
        ),
        async (text) => {
          const headers = { ...signed(), 'webhook-signature': text }
          await expect(verify({ headers })).rejects.toThrow(refusal('no_match'))
        },
      ),
    )
  })

  it('when it is too old, from the future, or does not say when it was sent', async () => {
    await expect(verify({ headers: signed({ at: NOW - 301_000 }) })).rejects.toThrow(refusal('too_old'))
    await expect(verify({ headers: signed({ at: NOW + 301_000 }) })).rejects.toThrow(refusal('too_new'))
    for (const text of ['soon', '1e9', '-5', ' 1', '9'.repeat(13), `${NOW / 1000}.5`]) {
      const headers = { ...signed(), 'webhook-timestamp': text }
      await expect(verify({ headers }), text).rejects.toThrow(refusal('invalid_header'))
    }
  })

  it('when a header is missing, empty or there twice', async () => {
    for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
      for (const value of [undefined, '', ['a', 'b']]) {
        await expect(verify({ headers: { ...signed(), [name]: value } })).rejects.toThrow(refusal('missing_header'))
      }
    }
  })

  it('when what is signed is no event', async () => {
    for (const body of ['', 'null', '[]', '{}', '{"type":1}', 'no json', '"text"']) {
      await expect(verify({ body, headers: signed({ body }) }), body).rejects.toThrow(refusal('invalid_body'))
    }
  })

  it('with no secret or one that is none, and the secret is not in the message', async () => {
    await expect(verify({ secret: undefined })).rejects.toThrow(refusal('invalid_secret'))
    await expect(verify({ secret: undefined, secrets: [] })).rejects.toThrow(refusal('invalid_secret'))
    for (const secret of ['', 'whsec_', 'whsec_c2hvcnQ=', 'whsec_*not-base64*']) {
      const error: unknown = await verify({ secret }).catch((cause: unknown) => cause)
      expect(error).toEqual(refusal('invalid_secret'))
      if (secret.length > 6) expect(String(error)).not.toContain(secret)
    }
  })
})

it('is a small bundle of its own, and no part of one that does not verify', async () => {
  const bundleOf = async (name: string) => {
    const contents = `export { ${name} } from './index.ts'`
    const stdin = { contents, resolveDir: fileURLToPath(new URL('..', import.meta.url)) }
    const { outputFiles } = await build({
      stdin,
      bundle: true,
      platform: 'browser',
      format: 'esm',
      minify: true,
      write: false,
    })
    return outputFiles[0]?.text ?? ''
  }
  const verifier = await bundleOf('verifyWebhook')
  expect(verifier).toContain('webhook-signature')
  expect(verifier.length).toBeLessThan(2500)
  expect(await bundleOf('createClient')).not.toContain('webhook-signature')
})
