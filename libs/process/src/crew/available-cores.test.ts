import { expect, it } from 'vitest'
import { availableCores } from './available-cores.ts'

const reading = (files: Record<string, string>) => (path: string) => {
  const text = files[path]
  if (text === undefined) throw new Error('no such file')
  return text
}
const coresOf = (files: Record<string, string>) => availableCores(8, reading(files))

it('takes what Node counts where nothing bounds it', () => {
  expect(coresOf({})).toBe(8)
  expect(coresOf({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' })).toBe(8)
  expect(availableCores()).toBeGreaterThan(0)
})

it('takes no more than its container or service may use, in whole cores, and at least one', () => {
  expect(coresOf({ '/sys/fs/cgroup/cpu.max': '250000 100000\n' })).toBe(2)
  expect(coresOf({ '/sys/fs/cgroup/cpu.max': '50000 100000\n' })).toBe(1)
  const service = { '/proc/self/cgroup': '0::/system.slice/millrace.service\n' }
  expect(
    coresOf({
      ...service,
      '/sys/fs/cgroup/system.slice/millrace.service/cpu.max': 'max 100000',
      '/sys/fs/cgroup/system.slice/cpu.max': '300000 100000',
    }),
  ).toBe(3)
})

it('reads the older layout too', () => {
  const [quota, period] = ['/sys/fs/cgroup/cpu/cpu.cfs_quota_us', '/sys/fs/cgroup/cpu/cpu.cfs_period_us']
  expect(coresOf({ [quota]: '400000\n', [period]: '100000\n' })).toBe(4)
  expect(coresOf({ [quota]: '-1\n', [period]: '100000\n' })).toBe(8)
})
