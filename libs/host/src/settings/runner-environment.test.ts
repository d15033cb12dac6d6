import { describe, expect, it } from 'vitest'
import { runnerEnvironment } from './runner-environment.ts'

describe('runnerEnvironment', () => {
  it('passes what is on the allow-list and what was asked for, never a secret of ours', () => {
    const env = { PATH: '/bin', HF_HOME: '/hf', REDIS_URL: 'r', MILLRACE_API_KEY: 'k', NODE_OPTIONS: 'n', SSH_KEY: 's' }
    const extraEnv = {
      WEIGHTS: '/w',
      AWS_SECRET_ACCESS_KEY: 'a',
      S3_BUCKET: 'b',
      MILLRACE_DEVICE: 'x',
      NOTHING: undefined,
    }
    expect(runnerEnvironment({ env, extraEnv, device: 'cpu' })).toEqual({
      PATH: '/bin',
      HF_HOME: '/hf',
      WEIGHTS: '/w',
      MILLRACE_DEVICE: 'cpu',
      CUDA_VISIBLE_DEVICES: '',
    })
  })

  it('shows a runner its own device only, counted among those that the worker sees', () => {
    const pinned = (device: string, CUDA_VISIBLE_DEVICES?: string) =>
      runnerEnvironment({ env: { CUDA_VISIBLE_DEVICES }, device }).CUDA_VISIBLE_DEVICES
    expect(pinned('cuda:1')).toBe('1')
    expect(pinned('cuda:1', '4,6')).toBe('6')
    expect(pinned('cpu', '4,6')).toBe('')
    expect(() => pinned('cuda:2', '4,6')).toThrow(RangeError)
  })
})
