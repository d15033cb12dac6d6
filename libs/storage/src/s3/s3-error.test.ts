import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { s3Error } from './s3-error.ts'

describe('an error of the SDK', () => {
  it('is named by its name and status, never by its message', () => {
    const of = (name: string, httpStatusCode?: number) =>
      s3Error(Object.assign(new Error('NoSuchKey 404'), { name, $metadata: { httpStatusCode } })).fault
    expect(of('NoSuchKey', 404)).toBe('missing')
    expect(of('NoSuchBucket', 404)).toBe('unavailable')
    expect(of('Anything', 412)).toBe('exists')
    expect(of('InvalidRange', 416)).toBe('mismatch')
    expect(of('AccessDenied', 403)).toBe('unavailable')
    expect(of('TimeoutError')).toBe('unavailable')
    expect(s3Error(undefined).fault).toBe('unavailable')
  })

  it('keeps no trace of the request that was signed', () => {
    const error = Object.assign(new Error('no'), {
      name: 'SignatureDoesNotMatch',
      StringToSign: 'secret',
      $response: {},
    })
    const kept = inspect(s3Error(error), { depth: null, showHidden: true })
    expect(kept).toContain('SignatureDoesNotMatch')
    expect(kept).not.toMatch(/secret|\$response/)
  })
})
