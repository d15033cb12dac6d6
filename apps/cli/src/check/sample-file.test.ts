import { execFileSync } from 'node:child_process'
import { inflateSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { sampleFile } from './sample-file.ts'

it('makes a file of the kind that is wanted, or one that the name of the field suggests', () => {
  const typeOf = (wanted: string, hint = '') => sampleFile(wanted, hint)?.contentType
  expect(typeOf('image/*')).toBe('image/png')
  expect(typeOf('image/jpeg')).toBe('image/jpeg')
  expect(typeOf('video/mp4, image/bmp')).toBe('image/bmp')
  expect(typeOf('audio/*')).toBe('audio/wav')
  expect(typeOf('*/*', 'style image')).toBe('image/png')
  expect(typeOf('', 'voice')).toBe('audio/wav')
  expect(typeOf('application/octet-stream')).toBe('text/plain')
  expect(typeOf('video/mp4')).toBeUndefined()
})

it('makes a PNG with all its pixels and true checksums', () => {
  const { bytes } = sampleFile('image/png', '') ?? { bytes: Buffer.alloc(0) }
  expect(bytes.subarray(1, 4).toString()).toBe('PNG')
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
  const at = bytes.indexOf('IDAT')
  const data = bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at - 4))
  expect(inflateSync(data)).toHaveLength((width * 3 + 1) * height)
  const script = `import sys, zlib, struct
b = sys.stdin.buffer.read(); i = 8
while i < len(b):
    n = struct.unpack(">I", b[i:i+4])[0]
    assert zlib.crc32(b[i+4:i+8+n]) == struct.unpack(">I", b[i+8+n:i+12+n])[0]
    i += 12 + n
print("ok")`
  expect(execFileSync('python3', ['-c', script], { input: bytes, encoding: 'utf8' })).toBe('ok\n')
})

it('makes sound that Python reads as one second', () => {
  const script = `import io, sys, wave
w = wave.open(io.BytesIO(sys.stdin.buffer.read())); print(w.getnframes() / w.getframerate(), w.getnchannels())`
  const input = sampleFile('audio/wav', '')?.bytes
  expect(execFileSync('python3', ['-c', script], { input, encoding: 'utf8' })).toBe('1.0 1\n')
})
