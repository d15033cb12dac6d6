import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { discoverModels } from '@millrace/host'
import { removeRunFolders, startRun } from '../../contract/runner/run-in-folder.ts'
import { makeAuthorFolder } from '../../support/author-folder.ts'
import { createPythonModel, removePythonModels, startPythonModel } from '../python-model.ts'
import { needsTestPython, testPython } from '../test-python.ts'

type Files = Record<string, string>

/** A model that says where it lies, as a project lays it out. */
const API = 'def get_predict_args(): return {}\ndef predict(): return __name__\n'
const POINTS = (target: string) => `[project.entry-points."deepaas.v2.model"]\nshout = "${target}"\n`
const PROJECT = (more = '') => `[project]\nname = "shout-model"\nversion = "1.5"\ndescription = "Shouts."\n${more}`

const SHAPES: [string, Files, string][] = [
  [
    'a module beside setup.cfg',
    {
      'setup.cfg': '[metadata]\nname = shout\n[entry_points]\ndeepaas.v2.model =\n    shout = shout\n',
      'shout.py': API,
    },
    'shout',
  ],
  [
    'a package, its files listed for pbr',
    {
      'setup.cfg': '[files]\npackages = shout\n[entry_points]\ndeepaas.v2.model =\n    shout = shout.api\n',
      'setup.py': 'import setuptools\nsetuptools.setup(setup_requires=["pbr>=2.0.0"], pbr=True)\n',
      'shout/__init__.py': '',
      'shout/api.py': API,
    },
    'shout.api',
  ],
  [
    'packages in src, told by setup.cfg',
    {
      'setup.cfg':
        '[options]\npackage_dir =\n    = src\n[options.packages.find]\nwhere = src\n[options.entry_points]\ndeepaas.v2.model =\n    shout = shout.api\n',
      'src/shout/__init__.py': '',
      'src/shout/api.py': API,
    },
    'shout.api',
  ],
  [
    'a package in a folder of another name, told by setup.cfg',
    {
      'setup.cfg':
        '[options]\npackages = shout\npackage_dir =\n    shout = lib/code\n[options.entry_points]\ndeepaas.v2.model =\n    shout = shout.api\n',
      'lib/code/__init__.py': '',
      'lib/code/api.py': API,
    },
    'shout.api',
  ],
  [
    'a subpackage in a folder of its own, told by pyproject.toml',
    {
      'pyproject.toml': `${PROJECT()}${POINTS('shout.api')}[tool.setuptools]\npackages = ["shout", "shout.api"]\n[tool.setuptools.package-dir]\n"shout.api" = "api"\n`,
      'shout/__init__.py': '',
      'api/__init__.py': 'from shout.api.code import *\n',
      'api/code.py': API,
    },
    'shout.api.code',
  ],
  [
    'the project folder as the package',
    {
      'pyproject.toml': `${PROJECT()}${POINTS('shout.api')}[tool.setuptools]\npackages = ["shout"]\npackage-dir = {shout = "."}\n`,
      '__init__.py': '',
      'api.py': API,
    },
    'shout.api',
  ],
  [
    'packages that are looked for, told by pyproject.toml',
    {
      'pyproject.toml': `${PROJECT()}${POINTS('shout.api')}[tool.setuptools.packages.find]\nwhere = ["lib"]\n`,
      'lib/shout/__init__.py': '',
      'lib/shout/api.py': API,
    },
    'shout.api',
  ],
  [
    'a project of Poetry',
    {
      'pyproject.toml':
        '[tool.poetry]\nname = "shout"\nversion = "2.0"\npackages = [{ include = "shout", from = "code" }]\n[tool.poetry.plugins."deepaas.v2.model"]\nshout = "shout.api"\n',
      'code/shout/__init__.py': '',
      'code/shout/api.py': API,
    },
    'shout.api',
  ],
  [
    'a project of Hatch',
    {
      'pyproject.toml': `${PROJECT()}${POINTS('shout.api')}[tool.hatch.build.targets.wheel]\npackages = ["python/shout"]\n`,
      'python/shout/__init__.py': '',
      'python/shout/api.py': API,
    },
    'shout.api',
  ],
  [
    'a setup.py alone',
    {
      'setup.py':
        'from setuptools import setup\nsetup(name="shout", package_dir={"": "code"}, py_modules=["shout"], entry_points={"deepaas.v2.model": ["shout=shout"]})\n',
      'code/shout.py': API,
    },
    'shout',
  ],
  [
    'a package without __init__.py',
    { 'pyproject.toml': `${PROJECT()}${POINTS('shout.api')}`, 'shout/api.py': API },
    'shout.api',
  ],
  [
    'a class in a package',
    {
      'pyproject.toml': `${PROJECT()}${POINTS('shout.api:Model')}`,
      'shout/__init__.py': '',
      'shout/api.py':
        'class Model:\n    def get_predict_args(self): return {}\n    def predict(self): return type(self).__qualname__\n',
    },
    'Model',
  ],
]

afterEach(async () => {
  await removePythonModels()
  removeRunFolders()
})

const start = (source: Files) => startPythonModel({ python: testPython, source })

async function predictionsOf(source: Files): Promise<unknown> {
  const outcome = await startRun(await start(source), {}).outcome
  return outcome.kind === 'done' ? (outcome.output as { predictions: unknown }).predictions : outcome
}

describe('a DEEPaaS model that was cloned and never installed', { timeout: 60_000 }, () => {
  needsTestPython()

  it.each(SHAPES)('loads from its project: %s', async (_title, source, where) => {
    expect(await predictionsOf(source)).toBe(where)
    const folder = makeAuthorFolder()
    try {
      for (const [name, text] of Object.entries(source)) folder.save(`shout/${name}`, text)
      expect(await discoverModels(folder.models)).toMatchObject([{ label: 'shout', language: 'python' }])
    } finally {
      folder.delete()
    }
  })

  it.each([
    ['pyproject.toml', { 'pyproject.toml': `${PROJECT()}${POINTS('shout')}` }, '1.5'],
    [
      'a file that pyproject.toml names',
      {
        'pyproject.toml': `[project]\nname = "shout_model"\ndynamic = ["version"]\n${POINTS('shout')}[tool.setuptools.dynamic]\nversion = {file = "VERSION"}\n`,
        VERSION: '1.6\n',
      },
      '1.6',
    ],
    [
      'setup.cfg, by an attribute',
      {
        'setup.cfg':
          '[metadata]\nname = Shout.Model\nversion = attr: words.__version__\n[options.entry_points]\ndeepaas.v2.model =\n    shout = shout\n',
        'words.py': '__version__ = "1.7"\n',
      },
      '1.7',
    ],
  ])('may read the metadata of its own distribution at its import: %s', async (_title, project, version) => {
    const text = `from importlib import metadata\nVERSION = metadata.version("shout-model")\n${API.replace('__name__', 'VERSION')}`
    expect(await predictionsOf({ ...project, 'shout.py': text })).toBe(version)
  })

  it('sees the metadata of a distribution that is installed, not what its own project would be', async () => {
    const text = `from importlib import metadata\nVERSION = metadata.version("webargs")\n${API.replace('__name__', 'VERSION')}`
    const project = `[project]\nname = "webargs"\nversion = "0.1"\n${POINTS('shout')}`
    expect(await predictionsOf({ 'pyproject.toml': project, 'shout.py': text })).toMatch(/^8\./)
  })

  it.each([
    [
      'a version file that only an installation writes',
      'from shout._version import version\n',
      "No module named 'shout._version'",
    ],
    [
      'the metadata of another distribution',
      'from importlib.metadata import version\nversion("shout-weights")\n',
      'shout-weights',
    ],
    ['a package that it needs', 'import package_that_nobody_has\n', "No module named 'package_that_nobody_has'"],
  ])('names the command that installs it when it needs %s', async (_title, text, what) => {
    const source = {
      'pyproject.toml': `${PROJECT()}${POINTS('shout.api')}`,
      'shout/__init__.py': '',
      'shout/api.py': `${text}${API}`,
    }
    const message = await new Promise<string>((resolve) => {
      const runner = createPythonModel({
        python: testPython,
        source,
        onLoadFailed: (failure) => resolve(failure.message),
      })
      runner.start().catch(() => undefined)
    })
    expect(message).toContain(what)
    expect(message).toMatch(
      /install the project and what it needs: \S*\.venv\/bin\/python -m pip install -e \S+millrace-python-/,
    )
  })

  it.each([
    ['raises', 'def get_metadata(): raise FileNotFoundError("models/")\n', { version: '1.5', description: 'Shouts.' }],
    ['gives no dict', 'def get_metadata(): return 5\n', { version: '1.5' }],
    [
      'gives the headers of a package, as old templates did',
      'def get_metadata(): return {"Name": "x", "Version": "1.2", "Summary": "Old template.", "Author": "me"}\n',
      { version: '1.2', description: 'Old template.' },
    ],
    [
      'gives a description beside a summary',
      'def get_metadata(): return {"version": 3, "summary": "Short.", "description": "Long."}\n',
      { version: '3', description: 'Long.' },
    ],
  ])('is served when its get_metadata %s', async (_title, text, said) => {
    const runner = await start({ 'pyproject.toml': `${PROJECT()}${POINTS('shout')}`, 'shout.py': `${text}${API}` })
    expect(await runner.start()).toMatchObject(said)
    expect(await startRun(runner, {}).outcome).toMatchObject({ kind: 'done', output: { predictions: 'shout' } })
  })
})

describe('pyproject.toml read without a library', () => {
  needsTestPython()

  it('is read as the standard library of newer Pythons reads it', () => {
    const runner = fileURLToPath(new URL('../../../apps/runner/python', import.meta.url))
    const program = `
import json, sys
sys.path.insert(0, ${JSON.stringify(runner)})
from millrace_runner.project.project_toml import read_simple_toml, read_toml
texts = json.load(sys.stdin)
print(json.dumps([[read_simple_toml(text), read_toml(text)] for text in texts]))
`
    const texts = [
      ...SHAPES.flatMap(([, files]) => files['pyproject.toml'] ?? []),
      `[project]
name = "x # no comment" # a comment
authors = [ { name = "A = B", email = "a@b.c" },
  { name = 'C' },
]
urls.Homepage = "https://example.org"
[tool.setuptools]
package-dir = {"" = "src", "x.y" = 'y'}
`,
    ]
    const pairs = JSON.parse(
      execFileSync(testPython, ['-c', program], { input: JSON.stringify(texts), encoding: 'utf8' }),
    ) as [unknown, unknown][]
    expect(pairs).toHaveLength(texts.length)
    for (const [simple, whole] of pairs) expect(simple).toEqual(whole)
  })
})
