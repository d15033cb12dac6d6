/** What to type where there is no Redis server. Called where one is looked for. */
import { findProgram } from '@millrace/process'

const BY_MANAGER: Readonly<Record<string, string>> = {
  'apt-get': 'apt-get install redis-server',
  dnf: 'dnf install redis',
  apk: 'apk add redis',
  brew: 'brew install redis',
}

/** One sentence. `searchPath`: the PATH to look for package managers in. */
export function installAdvice(searchPath: string | undefined): string {
  const manager = Object.keys(BY_MANAGER).find((name) => findProgram([name], searchPath))
  const install =
    manager === undefined ? 'Install Redis or Valkey' : `Install Redis or Valkey, such as by \`${BY_MANAGER[manager]}\``
  return `${install}, or set REDIS_URL to a server that runs elsewhere.`
}
