import { afterEach, expect, it } from 'vitest'
import { rememberCall, typed, typedText } from './typed.ts'

afterEach(() => rememberCall({}))

const NPM = 'npm/11.19.1 node/v20.20.2 linux x64'
const PNPM = 'pnpm/12.21.0 npm/? node/? linux x64'
const YARN = 'yarn/1.22.22 npm/? node/v20.20.2 linux x64'

it.each([
  ['npx', { npm_config_user_agent: NPM, npm_lifecycle_script: 'millrace' }, 'npx millrace check boxes'],
  ['npx of npm 11', { npm_config_user_agent: NPM, npm_lifecycle_script: `'millrace'` }, 'npx millrace check boxes'],
  ['a script of a package', { npm_lifecycle_script: 'millrace dev' }, 'npx millrace check boxes'],
  ['npm run demo', { npm_lifecycle_script: 'node apps/cli/bin/millrace.mjs demo' }, 'npx millrace check boxes'],
  ['another program of npx', { npm_command: 'exec', npm_lifecycle_script: 'vitest' }, 'millrace check boxes'],
  ['pnpm exec', { npm_config_user_agent: PNPM, npm_command: 'exec' }, 'pnpm exec millrace check boxes'],
  [
    'a script by pnpm',
    { npm_config_user_agent: PNPM, npm_lifecycle_script: 'millrace dev' },
    'pnpm exec millrace check boxes',
  ],
  ['yarn', { npm_config_user_agent: YARN, npm_lifecycle_event: 'millrace' }, 'yarn millrace check boxes'],
  ['yarn 4', { npm_config_user_agent: 'yarn/4.18.1', BERRY_BIN_FOLDER: '/tmp/xfs-1' }, 'yarn millrace check boxes'],
  ['a shell', {}, 'millrace check boxes'],
])('names a command as it was called by %s', (_, env, command) => {
  rememberCall(env)
  expect(typed('check boxes')).toBe(command)
})

it('names the commands of a text likewise, and leaves all else', () => {
  const text =
    'Start one with `millrace dev` (millrace dev); `millrace: no` is no command, `millrace help <command>` is.'
  expect(typedText(text)).toBe(text)
  rememberCall({ npm_lifecycle_script: 'millrace' })
  expect(typedText(text)).toBe(
    'Start one with `npx millrace dev` (millrace dev); `millrace: no` is no command, `npx millrace help <command>` is.',
  )
})
