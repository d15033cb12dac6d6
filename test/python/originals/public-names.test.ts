/** What model files import from the packages of the conventions, our stand-ins have: held against the packages themselves. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { fetchPackage } from '../../support/packages/fetch-package.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const shim = (name: string): string => here(`../../../apps/runner/python/shims/${name}`)

interface Original {
  module: string
  /** The last of each of its last five minor versions. */
  versions: string[]
  /** Modules and names that no model file needs, and why. */
  apart: Record<string, string>
}

const ORIGINALS: Record<string, Original> = {
  cog: {
    module: 'cog',
    versions: ['0.19.3', '0.20.0', '0.21.0', '0.22.0', '0.23.1'],
    apart: {
      'cog\\.command.*': 'the command that writes the schema of an image',
      'cog\\.config': 'reads cog.yaml for the server',
      'cog\\.server\\.http (?!Mode).*': 'variables of the program that starts the server',
    },
  },
  deepaas: {
    module: 'deepaas',
    versions: ['2.1.0', '2.2.0', '2.3.2', '2.5.2', '2.6.0'],
    apart: {
      'deepaas\\.(api|cmd|openwhisk|tests).*': 'the server, its programs, its own tests',
      'deepaas\\.(opts|model\\.loading)': 'options of the server, and how it finds models',
      'deepaas\\.config (config_and_logging|parse_args|prepare_logging)': 'how the server reads its command line',
      'deepaas\\.model (V2_MODELS|register_v2_models|v2)': 'how the server takes models up',
      'deepaas\\.model\\.v2 (CONF|LOG|MODELS|MODELS_LOADED|config|exceptions|loading|register_models|test)': 'the same',
      'deepaas\\.model\\.v2\\.test': 'a model that the server tries itself with',
      'deepaas\\.model\\.v2\\.wrapper (CONF|LOG|ModelWrapper|CancellablePool|NonDaemonPool|NonDaemonProcess)':
        'calls models',
    },
  },
  aiges: {
    module: 'aiges',
    versions: ['0.11.1', '0.12.2', '0.13.0', '0.15.0', '0.16.0'],
    apart: {
      'aiges\\.(aiges_inner|protocol|backend|server2?|serve|serve_new|call_wrapper|context)(\\..*)?': 'the server',
      'aiges\\.(client|ws|gradio_util|cmd|schema)(\\..*)?': 'clients, pages and programs around it',
      'aiges\\.core\\.(aiges_methods|metadata|rest)': 'what the server answers with',
      'aiges\\.utils\\.(audit|audit_service|flask_utils|shm)(\\..*)?': 'what the server uses',
      'aiges\\.(backup|examples|test_data|tests|wrapper|wrapper_test)(\\..*)?': 'examples and tests',
      'aiges\\.callback aiges_inner_pb2': 'a part of the server',
      'aiges\\.sdk (CALL|CALL_TYPE|HOSTS|ROUTEKEY|SUB|tpl)': 'parts of the text of a document',
      'aiges\\.stream (ProcessThreadPool|WorkerProcess)': 'how its pool works inside; get_process_pool gives one',
      'aiges\\.(concurrent\\.fixpool p|dto [dt]|utils\\.log (ch|formatter|logpath))':
        'variables left at the top of a file',
    },
  },
  'ai-integration': {
    module: 'ai_integration',
    versions: ['1.0.16'],
    apart: {
      'ai_integration\\.modes(\\..*| modules)': 'the modes: Millrace has commands for them',
      'ai_integration\\.fake_inference_function (?!fake_inference_function).*':
        'how it hands inputs from thread to thread',
      'ai_integration\\.internal_methods (DEBUG|getValidKwargs|get_args_supported_by_function)': 'what its modes use',
    },
  },
}

async function missingOf(name: string, { module, apart }: Original, version: string): Promise<string[]> {
  const folder = await fetchPackage(name, version)
  const folders = [shim(module), shim('fallback')]
  const { stdout } = await promisify(execFile)('python3', [here('missing_names.py'), `${module}=${folder}`, ...folders])
  const missing = Object.entries(JSON.parse(stdout) as Record<string, string[]>)
  const named = missing.flatMap(([at, names]) => names.map((each) => (each === '*' ? at : `${at} ${each}`)))
  const isApart = new RegExp(`^(${Object.keys(apart).join('|')})$`)
  return named.filter((each) => !isApart.test(each))
}

describe.each(Object.entries(ORIGINALS))('our stand-in for %s', { timeout: 120_000 }, (name, original) => {
  it.for(original.versions)('has all public names of %s', async (version, { skip }) => {
    await fetchPackage(name, version).catch((error: Error) => skip(error.message))
    expect(await missingOf(name, original, version)).toEqual([])
  })
})
