import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'
import { createPythonModel, removePythonModels } from '../../python/python-model.ts'
import { modelRunnerSuite, type SuiteModel } from './model-runner.suite.ts'

const modelsFolder = new URL('../../python/models/', import.meta.url)

/** What Cog has no words for, as a model's millrace.yaml would say it. */
const settings: Partial<Record<SuiteModel, Record<string, unknown>>> = {
  batch: { batch: { max_size: 4, max_wait_ms: 0 }, cancel_grace_seconds: 0.3 },
  hang: { cancel_grace_seconds: 0.3 },
  stream: { cancel_grace_seconds: 0.5 },
  parallel: { cancel_grace_seconds: 0.3 },
  trainer: { training: { timeout_seconds: 7200 } },
}

afterEach(removePythonModels)

modelRunnerSuite('Python', (model, { timings, memoryErrors } = {}) =>
  createPythonModel({
    source: fileURLToPath(new URL(model, modelsFolder)),
    manifest: { name: model, ...settings[model] },
    timings,
    memoryErrors,
  }),
)
