import { expect, it } from 'vitest'
import { publicReason } from './public-reason.ts'

/** What everybody may read of why a model could not be loaded. */

it.each([
  ['\n\n  no weights here  \nTraceback', 'no weights here'],
  ['a\u0007b\u2028c', 'a b'],
  ['GET https://me:pa@host/w.bin?token=abc&x=1', 'GET https://***@host/w.bin?token=***&x=1'],
  ['401 for Bearer abc.def', '401 for Bearer ***'],
  ['{"api_key": "s3cr3tvalue"}', '{"api_key": "***"}'],
  ['PASSWORD=hunter', 'PASSWORD=***'],
  ['cannot log in as hf_abcdefghijkl', 'cannot log in as hf_***'],
  ["KeyError: 'HF_TOKEN'", "KeyError: 'HF_TOKEN'"],
  ['the key: a word is missing', 'the key: a word is missing'],
  ['', ''],
])('of %j it is %j', (text, shown) => {
  expect(publicReason(text)).toBe(shown)
})

it('is cut', () => expect(publicReason('x'.repeat(1000))).toHaveLength(200))
