import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const module = fileURLToPath(new URL('./hide-environment.ts', import.meta.url))

/** Hides its environment when told to. Then a child prints what the system shows of it, and it prints what it still has. */
const script = (hides: boolean) => `
  import { execFileSync } from 'node:child_process'
  import { hideEnvironment } from '${module}'
  const hidden = ${hides} && hideEnvironment(process.env)
  const shown = execFileSync('cat', ['/proc/' + process.pid + '/environ'], { env: {} })
  const inherited = execFileSync('sh', ['-c', 'echo $SECRET $LONG'])
  process.stdout.write(JSON.stringify({ hidden, shown: String(shown), inherited: String(inherited), env: process.env }))
`

it.skipIf(process.platform !== 'linux')('shows nothing of the environment afterwards, and loses nothing of it', () => {
  const env = {
    PATH: process.env.PATH,
    SECRET: 'of mine',
    LONG: 'x'.repeat(100_000),
    EMPTY: '',
    TZ: 'Asia/Tokyo',
    ÜMLAUT: 'ö',
  }
  const run = (hides: boolean) =>
    JSON.parse(
      execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script(hides)], {
        env,
        encoding: 'utf8',
      }),
    )
  expect(run(false).shown).toContain('SECRET=of mine')
  const hiding = run(true)
  expect(hiding).toMatchObject({ hidden: true, env, inherited: `of mine ${env.LONG}\n` })
  expect(hiding.shown.replaceAll('\0', '')).toBe('')
})
