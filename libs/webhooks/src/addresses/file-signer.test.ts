import { expect, test } from 'vitest'
import { FileSigner } from './file-signer.ts'

const ID = `file_${'0'.repeat(34)}_o0`
const partsOf = (path: string) => {
  const query = new URL(path, 'http://localhost').searchParams
  return { expires: query.get('expires') ?? '', signature: query.get('signature') ?? '' }
}

test('an address is valid for its file and its time alone', async () => {
  const signer = new FileSigner('secret')
  const { path, expiresAt } = await signer.sign(ID)
  const { expires, signature } = partsOf(path)
  expect(await signer.verify(ID, expires, signature)).toBe(true)
  expect(await signer.verify(ID, expires, signature, expiresAt.getTime())).toBe(false)
  expect(await signer.verify(ID.replace('o0', 'o1'), expires, signature)).toBe(false)
  expect(await signer.verify(ID, String(Number(expires) + 1), signature)).toBe(false)
  for (const wrong of ['', 'x', signature.slice(1), `${signature}AAAA`]) {
    expect(await signer.verify(ID, expires, wrong), wrong).toBe(false)
  }
  expect(await new FileSigner('other').verify(ID, expires, signature)).toBe(false)
})

test('an address lives for 24 to 25 hours and stays the same within the hour', () => {
  const hour = 3_600_000
  const now = 1000 * hour
  expect(FileSigner.expiry(now + 1)).toBe(FileSigner.expiry(now + hour))
  const life = FileSigner.expiry(now + 1) * 1000 - now
  expect([life >= 24 * hour, life <= 25 * hour]).toEqual([true, true])
})

test('the secret is asked for until it is there, and an empty one is never used', async () => {
  let answers = 0
  const signer = new FileSigner(async () => {
    if (answers++ === 0) throw new Error('Redis is away')
    return 'secret'
  })
  await expect(signer.sign(ID)).rejects.toThrow('away')
  await signer.sign(ID)
  await signer.sign(ID)
  expect(answers).toBe(2)
  await expect(new FileSigner('').sign(ID)).rejects.toThrow('empty')
})
