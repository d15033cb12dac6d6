/** How each package manager installs tarballs and starts a program. Used by install-packages.ts. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Tarball } from '../../../scripts/pack/pack-packages.ts'

export interface PackageManager {
  name: 'npm' | 'pnpm' | 'yarn' | 'yarn 4'
  /** What has to be installed from the registry first; nothing for npm, which comes with Node. */
  package?: string
  /** Its program in the folder that it was installed in. */
  program?: string
  install: readonly string[]
  /** What stands before `millrace` on a command line. */
  exec: readonly string[]
  /** What a message names before `millrace`. */
  word: string
  /** Settings, so that packages which ask for each other get the tarballs. */
  prepare(folder: string, tarballs: readonly Tarball[], manifest: Manifest): Manifest
  /** What the npm of this machine is set to, for those that do not read it. */
  env?(npm: NpmSettings): Record<string, string>
}

export interface NpmSettings {
  registry: string
  /** Path of a file of certificates; `null` in words when none is set. */
  cafile: string
}

export type Manifest = Record<string, unknown>

const byName = (tarballs: readonly Tarball[]) =>
  Object.fromEntries(tarballs.map(({ name, path }) => [name, `file:${path}`]))

export const PACKAGE_MANAGERS: readonly PackageManager[] = [
  {
    name: 'npm',
    install: ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--fetch-retries=1'],
    exec: ['exec', '--'],
    word: 'npx ',
    prepare: (_, __, manifest) => manifest,
  },
  {
    name: 'pnpm',
    package: 'pnpm@~12.21.0',
    program: 'pnpm/pnpm',
    install: ['install', '--prefer-offline', '--ignore-scripts'],
    exec: ['exec'],
    word: 'pnpm exec ',
    prepare(folder, tarballs, manifest) {
      const lines = Object.entries(byName(tarballs)).map(([name, file]) => `  '${name}': '${file}'\n`)
      writeFileSync(join(folder, 'pnpm-workspace.yaml'), `overrides:\n${lines.join('')}`)
      return manifest
    },
  },
  {
    name: 'yarn',
    package: 'yarn@~1.22.22',
    program: 'yarn/bin/yarn.js',
    install: ['install', '--ignore-scripts', '--prefer-offline', '--non-interactive'],
    exec: ['run', '-s'],
    word: 'yarn ',
    prepare: (_, tarballs, manifest) => ({ ...manifest, resolutions: byName(tarballs) }),
    env: ({ registry }) => ({ npm_config_registry: registry }),
  },
  {
    name: 'yarn 4',
    package: '@yarnpkg/cli-dist@~4.18.1',
    program: '@yarnpkg/cli-dist/bin/yarn.js',
    install: ['install'],
    exec: ['run'],
    word: 'yarn ',
    prepare(folder, tarballs, manifest) {
      writeFileSync(
        join(folder, '.yarnrc.yml'),
        'nodeLinker: node-modules\nenableScripts: false\nenableTelemetry: false\n',
      )
      writeFileSync(join(folder, 'yarn.lock'), '')
      return { ...manifest, resolutions: byName(tarballs) }
    },
    env: ({ registry, cafile }) => ({
      YARN_NPM_REGISTRY_SERVER: registry,
      YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
      ...(cafile !== 'null' && { YARN_HTTPS_CA_FILE_PATH: cafile }),
    }),
  },
]
