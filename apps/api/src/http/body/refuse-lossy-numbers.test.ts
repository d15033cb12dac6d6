import { ProblemError } from '@millrace/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readJson } from './read-json.ts'

function faultsOf(text: string, at?: string): string[] {
  try {
    readJson(Buffer.from(text), at)
    return []
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    expect(error.code).toBe('invalid_request')
    return error.options.errors?.map(({ path, code }) => `${code} ${path}`) ?? []
  }
}

test('names each number that would be changed, by its place', () => {
  const text =
    '{"input":{"seed":18446744073709551615,"ok":9007199254740992,"list":[1,1e400,{"a/b":-9007199254740993}]}}'
  const found = ['/seed', '/list/1', '/list/2/a~1b'].map((place) => `lossy_number /input${place}`)
  expect(faultsOf(text)).toEqual(found)
  expect(faultsOf(text.slice('{"input":'.length, -1), '/input')).toEqual(found)
})

test.each([
  '1e-400',
  '-1E-0400',
  '0.0001e-330',
  `0.${'0'.repeat(400)}1`,
  '9007199254740993.0',
  '9007199.254740993e9',
  '1e400',
  '-18446744073709551615e0',
])('refuses %s, however it is written', (number) => {
  expect(faultsOf(`{"a":[0,${number}]}`)).toEqual(['lossy_number /a/1'])
})

test('a number of a million digits is judged at once', () => {
  const began = performance.now()
  for (const number of ['7'.repeat(1e6), `1.${'3'.repeat(1e6)}e300`, `1.${'0'.repeat(1e6)}e300`]) faultsOf(number)
  expect(performance.now() - began).toBeLessThan(500)
})

test('tells the number that was meant, cut to what can be read', () => {
  const read = () => readJson(Buffer.from(`[${'1'.repeat(1000)}]`))
  expect(read).toThrow(ProblemError)
  try {
    read()
  } catch (error) {
    const [fault] = (error as ProblemError).options.errors ?? []
    expect(fault?.message).toMatch(/^1{40} cannot be kept exactly/)
  }
})

test('refuses a whole number exactly when it comes back as another', () => {
  const whole = fc.oneof(
    fc.bigInt({ min: -(2n ** 69n), max: 2n ** 69n }),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 54n }),
  )
  fc.assert(
    fc.property(whole, (number) => {
      const read = Number(number)
      const isKept =
        BigInt(read) === number || BigInt(JSON.stringify(read).replace(/e\+21$/, '0'.repeat(21))) === number
      expect(faultsOf(`{"a":[${number}]}`)).toEqual(isKept ? [] : ['lossy_number /a/0'])
    }),
    { numRuns: 2000 },
  )
})

test('takes whatever JavaScript itself writes, and digits in texts and keys', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.double({ noNaN: true, noDefaultInfinity: true })), (value) => {
      // A reserved key is refused for another reason.
      expect(faultsOf(JSON.stringify(value).replaceAll('__proto__', 'proto'))).toEqual([])
    }),
    { numRuns: 2000 },
  )
  for (const text of [
    '{"18446744073709551615":"18446744073709551615","a":"\\"18446744073709551615"}',
    '[0.12345678901234567890123, 1e308, 100000000000000000000, -0, 0e-999, 0.0e400, 1e23, 1E+22, 9223372036854775808.0]',
    '[5e-324, 2.5e-320, 0.1000000000000000055, 9007199254740993.5, 1.7976931348623157e308]',
    `"${'\\n'.repeat(400_000)}1111111111111111111"`,
  ])
    expect(faultsOf(text)).toEqual([])
})
