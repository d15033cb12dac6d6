/**
 * Programs of Debian's packages, unpacked into a folder and not installed: the machine stays as it is. They come from its
 * own mirror; what its release lacks comes from the next one. Called by own-engine.ts.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
/** The first release with Compose v2. Its programs run on the one before, but for runc. */
export const NEWER = 'trixie'

/** The name of the release of this machine, such as bookworm; undefined when it isn't Debian. */
export function debianRelease(): string | undefined {
  try {
    const facts = readFileSync('/etc/os-release', 'utf8')
    return /^ID=debian$/m.test(facts) ? /^VERSION_CODENAME=(\w+)$/m.exec(facts)?.[1] : undefined
  } catch {
    return undefined
  }
}

/** Where this machine gets its packages. */
export function debianMirror(): string {
  const lines = execFileSync('apt-get', ['indextargets', '--format', '$(SITE) $(COMPONENT) $(CODENAME)'], {
    encoding: 'utf8',
  })
  const release = debianRelease()
  const found = lines.split('\n').find((line) => line.endsWith(` main ${release}`))
  const [site] = (found ?? '').split(' ')
  if (!site) throw new Error('apt-get knows no mirror of Debian: run apt-get update')
  return site
}

/** Unpacks packages, each as `name/release`, below the folder. */
export function unpackDebian(folder: string, names: string[]): void {
  const state = join(folder, 'apt')
  for (const path of ['lists/partial', 'archives/partial', 'got']) mkdirSync(join(state, path), { recursive: true })
  const releases = [...new Set(names.map((name) => name.split('/')[1]))]
  const mirror = debianMirror()
  const sources = releases.map((release) => `deb [signed-by=${KEYRING}] ${mirror} ${release} main`)
  writeFileSync(join(state, 'sources.list'), `${sources.join('\n')}\n`)
  writeFileSync(join(state, 'status'), '')
  const set = {
    'Dir::State': state,
    'Dir::State::status': join(state, 'status'),
    'Dir::Cache': state,
    'Dir::Etc::sourcelist': join(state, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::Etc::preferencesparts': '-',
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
  }
  const apt = [...Object.entries(set).flatMap(([name, value]) => ['-o', `${name}=${value}`]), '-qq']
  const got = join(state, 'got')
  execFileSync('apt-get', [...apt, 'update'], { stdio: ['ignore', 'ignore', 'pipe'] })
  execFileSync('apt-get', [...apt, 'download', ...names], { cwd: got, stdio: ['ignore', 'ignore', 'pipe'] })
  for (const file of readdirSync(got)) execFileSync('dpkg-deb', ['-x', join(got, file), folder])
}
