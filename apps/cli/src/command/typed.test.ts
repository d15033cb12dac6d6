import { afterEach, expect, it } from 'vitest'
import { rememberCall, typed } from './typed.ts'

afterEach(() => rememberCall({}))

it.each([
  ['npx', { npm_command: 'exec', npm_lifecycle_script: 'millrace' }, 'npx millrace check boxes'],
  [
    'a script of a package',
    { npm_command: 'run-script', npm_lifecycle_script: 'millrace dev' },
    'npx millrace check boxes',
  ],
  ['another program of npx', { npm_command: 'exec', npm_lifecycle_script: 'vitest' }, 'millrace check boxes'],
  ['a shell', {}, 'millrace check boxes'],
])('names a command as it was called by %s', (_, env, command) => {
  rememberCall(env)
  expect(typed('check boxes')).toBe(command)
})
