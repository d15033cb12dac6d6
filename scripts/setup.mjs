/**
 * Gets the machine ready: the right Node, the packages of the lockfile, a Redis server. `npm test` and `npm run demo` run it
 * first. When nothing is missing it ends at once. It uses only Node itself, because it runs before any package is installed.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, delimiter, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const OLDEST_NODE = '20.19.0'
const OLDEST_REDIS = '6.2.0'
/** The folder with what the Python models of the tests need. */
const PYTHON_TESTS = join('test', 'python')
/** How long to wait for a package index that does not answer. Milliseconds. */
const PYTHON_MS = 300_000
const REDIS_SERVERS = ['redis-server', 'valkey-server']
/** Folders with servers that PATH often lacks. */
const EXTRA_FOLDERS = ['/usr/local/bin', '/opt/homebrew/bin', '/usr/bin', '/usr/sbin', '/usr/local/sbin']

/** Something is missing that this script can't install. The message says what to do. */
export class SetupError extends Error {}

/** True when the dotted version is at least the other; a missing part counts as 0. */
export function isAtLeast(version, oldest) {
  const [have, want] = [version, oldest].map((text) => text.replace(/^v/, '').split('.').map(Number))
  const differs = want.findIndex((part, index) => (have[index] ?? 0) !== part)
  return differs < 0 || (have[differs] ?? 0) > want[differs]
}

/** A text that identifies an installation. A different lockfile or a different kind of machine needs a new installation. */
export function installStamp(lockfile, platform = `${process.platform}-${process.arch}`) {
  return `${createHash('sha256').update(lockfile).digest('hex')} ${platform}\n`
}

/** The version that `redis-server --version` or `valkey-server --version` prints; undefined when it prints something else. */
export function serverVersion(output) {
  return /^(?:Redis|Valkey) server v=(\d+(?:\.\d+)*)/m.exec(output)?.[1]
}

/**
 * Ways to install a Redis server here. Each is a list of commands that must all succeed, and they are tried in order. `has`:
 * whether a program is on PATH. `isRoot`: whether we are root. `hasSudo`: whether sudo works without asking. Empty when only
 * a person can do it.
 */
export function installPlans({ has, isRoot, hasSudo }) {
  const asRoot = (...command) => (isRoot ? command : ['sudo', '-n', ...command])
  const mayBeRoot = isRoot || hasSudo
  if (has('apt-get') && mayBeRoot) {
    // Debian starts a server when it is installed. RUNLEVEL=1 tells it not to start services now.
    const apt = (...args) => asRoot('env', 'RUNLEVEL=1', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args)
    const install = (name) => [apt('update'), apt('install', '-y', '--no-install-recommends', name)]
    return [install('redis-server'), install('valkey-server')]
  }
  if (has('dnf') && mayBeRoot) return ['redis', 'valkey'].map((name) => [asRoot('dnf', 'install', '-y', '-q', name)])
  if (has('apk') && mayBeRoot) return ['redis', 'valkey'].map((name) => [asRoot('apk', 'add', '-q', name)])
  // Homebrew installs only for its own user and refuses root.
  if (has('brew') && !isRoot) return [[['brew', 'install', '-q', 'redis']], [['brew', 'install', '-q', 'valkey']]]
  return []
}

/** What a person must do when there is no way to install it, or when none worked. */
export function manualAdvice({ has }, reason) {
  const manager = ['apt-get', 'dnf', 'apk', 'brew'].find(has)
  const command = {
    'apt-get': 'sudo apt-get install redis-server',
    dnf: 'sudo dnf install redis   (or valkey)',
    apk: 'apk add redis   (as root)',
    brew: 'brew install redis',
  }[manager]
  return [
    `Millrace needs redis-server or valkey-server, ${OLDEST_REDIS.replace(/\.0$/, '')} or newer, and ${reason}.`,
    'Do one of these, then run the same command again:',
    `  ${command ?? 'install Redis (https://redis.io/docs) or Valkey (https://valkey.io/download)'}`,
    '  export REDIS_URL=redis://host:6379   to use a server that runs elsewhere',
  ].join('\n')
}

function checkNode() {
  if (isAtLeast(process.versions.node, OLDEST_NODE)) return
  throw new SetupError(
    `Millrace needs Node ${OLDEST_NODE.replace(/\.0$/, '')} or newer; this is ${process.versions.node}. Get one at https://nodejs.org`,
  )
}

/** Models that are not workspaces, and what makes the site of docs: not everyone has to wait for their packages. */
function foldersApart(root) {
  const models = join(root, 'models')
  return [...readdirSync(models).map((name) => join(models, name)), siteFolder(root)].filter((folder) =>
    existsSync(join(folder, 'package-lock.json')),
  )
}

const siteFolder = (root) => join(root, 'scripts', 'docs')

/** Installs the packages of the folder's lockfile, unless they are installed already. */
function installPackages(folder, env, say) {
  const stampPath = join(folder, 'node_modules', '.millrace-setup')
  const stamp = installStamp(readFileSync(join(folder, 'package-lock.json')))
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) return
  say(`Installing packages of ${basename(folder)} (npm ci) …`)
  // The npm that runs this script, if there is one. It may not be on PATH.
  const { npm_execpath: cli } = env
  const [program, ...first] = cli?.endsWith('.js') ? [process.execPath, cli] : ['npm']
  const done = run([program, ...first, 'ci'], { cwd: folder })
  if (!done.ok) throw new SetupError(`npm ci in ${folder} failed:\n${done.output.split('\n').slice(0, 12).join('\n')}`)
  writeFileSync(stampPath, stamp)
}

/**
 * Makes the virtual environment for the Python tests, unless it was made for these requirements already. Without it those
 * tests are skipped: most of Millrace needs no Python, so a machine without Python or without a package index can go on.
 */
function installPython(root, env, say) {
  const requirements = join(root, PYTHON_TESTS, 'requirements.txt')
  const home = join(root, PYTHON_TESTS, '.venv')
  const stampPath = join(home, '.millrace-setup')
  const stamp = installStamp(readFileSync(requirements))
  const python = join(home, 'bin', 'python')
  // The Python that it was made from may be gone. Then its link leads nowhere.
  if (existsSync(python) && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) return
  const skipped = (why) => say(`The tests of Python models will be skipped: ${why}`)
  const base = onPath('python3', env)
  const isUsable = base && run([base, '-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))']).ok
  if (!isUsable) return skipped('there is no python3, 3.9 or newer, with venv and pip (Debian: python3-venv)')
  say('Installing the Python packages of the tests (pip install) …')
  const pip = [python, '-m', 'pip', '--quiet', '--disable-pip-version-check', 'install', '--retries', '1', '-r']
  const made = runAll(
    [
      [base, '-m', 'venv', '--clear', home],
      [...pip, requirements],
    ],
    { timeout: PYTHON_MS },
  )
  if (made === '') return writeFileSync(stampPath, stamp)
  rmSync(home, { recursive: true, force: true })
  skipped(`the packages of ${join(PYTHON_TESTS, 'requirements.txt')} cannot be installed:\n${made.split('\n').at(-1)}`)
}

function installRedis(env, say) {
  if (env.REDIS_URL || env.REDIS_URL_FILE) return
  const found = findServer(env)
  if (found.path) return
  const has = (name) => onPath(name, env) !== undefined
  const isRoot = process.getuid?.() === 0
  const hasSudo = !isRoot && has('sudo') && run(['sudo', '-n', 'true']).ok
  const plans = installPlans({ has, isRoot, hasSudo })
  if (plans.length === 0) throw new SetupError(manualAdvice({ has }, found.old ?? 'this script may not install one'))
  let output = ''
  for (const steps of plans) {
    say(`Installing a Redis server: ${steps.at(-1).join(' ')}`)
    output = runAll(steps)
    stopService(has, isRoot)
    const { path, old } = findServer(env)
    if (path) return
    output ||= `${old ?? 'no server'} after the installation`
  }
  throw new SetupError(`${output}\n${manualAdvice({ has }, 'the package could not be installed')}`)
}

/** Runs steps until one fails. Returns the output of that step, or nothing when all succeed. */
function runAll(steps, options) {
  for (const step of steps) {
    const { ok, output } = run(step, options)
    if (!ok) return output || `${step.join(' ')} failed`
  }
  return ''
}

/**
 * Under systemd RUNLEVEL is not enough. The service was just installed, so we may stop it. Millrace starts a server of its
 * own.
 */
function stopService(has, isRoot) {
  if (!has('systemctl') || !existsSync('/run/systemd/system')) return
  for (const name of ['redis-server', 'valkey-server']) {
    run([...(isRoot ? [] : ['sudo', '-n']), 'systemctl', 'disable', '--now', name])
  }
}

/** Finds the first server that is new enough. When there are only older ones, `old` says so. */
function findServer(env) {
  let old
  for (const path of REDIS_SERVERS.map((name) => onPath(name, env)).filter(Boolean)) {
    const version = serverVersion(run([path, '--version']).output)
    if (version && isAtLeast(version, OLDEST_REDIS)) return { path }
    old = `${path} is ${version ?? 'of an unknown version'}`
  }
  return { old }
}

function onPath(name, env) {
  const folders = [...(env.PATH ?? '').split(delimiter).filter(Boolean), ...EXTRA_FOLDERS]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Runs a command to its end. Its output is shown only when it matters. */
function run([program, ...args], options = {}) {
  const done = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options })
  const output = [done.stdout, done.stderr, done.error?.message].filter(Boolean).join('\n').trim()
  return { ok: done.status === 0, output }
}

/**
 * Installs all of it. `withModels`: also the packages of models that are not workspaces, of the site of docs, and those
 * that Python models of the tests import. Throws SetupError. `say` is told what is being installed.
 */
export function setup(root, env, say, withModels = false) {
  checkNode()
  for (const folder of [root, ...(withModels ? foldersApart(root) : [])]) installPackages(folder, env, say)
  if (withModels) installPython(root, env, say)
  installRedis(env, say)
}

/** Installs what `npm run docs` needs, and no more. Throws SetupError. */
export function setupSite(root, env, say) {
  checkNode()
  for (const folder of [root, siteFolder(root)]) installPackages(folder, env, say)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const root = resolve(fileURLToPath(new URL('..', import.meta.url)))
    const say = (line) => console.log(line)
    if (process.argv.includes('--docs')) setupSite(root, process.env, say)
    else setup(root, process.env, say, process.argv.includes('--models'))
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}
