/** A whole Millrace with one model of each Python convention, for those who used to ask such a model directly. Called by tests of dialects. */
import { readFileSync } from 'node:fs'
import { testPython } from '../../python/test-python.ts'
import { makeExampleModels } from '../../support/example-models.ts'
import { type Stack, startStack } from '../../support/start-stack.ts'

/** An exchange with the server of DEEPaaS, as it was recorded. */
export interface Exchange {
  verb: string
  method: string
  path: string
  headers: Record<string, string>
  /** A list is a form; a text is sent as it is. */
  body: null | string | object | [string, string][]
  response: { status: number; contentType: string | null; location?: string; body: unknown }
}

const recorded = new URL('../recorded/deepaas-2.6.0.json', import.meta.url)
export const { model, exchanges } = JSON.parse(readFileSync(recorded, 'utf8')) as {
  model: string
  exchanges: Exchange[]
}

const PICTURES = `import ai_integration, json
while True:
    with ai_integration.get_next_input(
        inputs_schema={"image": {"type": "image"}, "text": {"type": "text"}}, visualizer_config={"boxes": True}
    ) as inputs:
        text = inputs["text"]
        answer = {"content-type": "text/plain", "data": text.upper(), "success": True}
        if text == "fail": answer = {"content-type": "text/plain", "data": None, "success": False, "error": "told so"}
        if text == "json": answer.update({"content-type": "application/json", "data": json.dumps({"bytes": len(inputs["image"])})})
        if text == "image": answer.update({"content-type": "image/png", "data": b"\\x89PNG\\r\\n\\x1a\\n" + b"0" * 8})
        ai_integration.send_result(answer)
`
const GREETER = `from cog import BasePredictor, Input
class Predictor(BasePredictor):
    def predict(self, text: str, times: int = Input(default=1, ge=1, le=3)) -> str: return text * times
`
const ENTRY = '[deepaas.v2.model]\ndpm = dpm\n'
const MODELS = {
  dpm: {
    'dpm.py': model,
    'dpm.dist-info/entry_points.txt': ENTRY,
    'dpm.dist-info/METADATA': 'Metadata-Version: 2.1\nName: dpm\nVersion: 0.1\n',
  },
  pictures: { 'model.py': PICTURES },
  greeter: { 'predict.py': GREETER },
}
const EXAMPLES = ['once', 'custom', 'dummy', 'broken']

export interface SeedStack {
  url: string
  stack: Stack
  stop(): Promise<void>
}

export async function startSeedStack(): Promise<SeedStack> {
  const made = makeExampleModels(MODELS, EXAMPLES)
  const env = { MILLRACE_MODELS: made.folder, MILLRACE_PYTHON: testPython, MILLRACE_SLOTS: 'cpu' }
  const stack = await startStack({ env })
  const stop = async (): Promise<void> => {
    await stack.stop()
    made.delete()
  }
  await Promise.all([...Object.keys(MODELS), ...EXAMPLES].map((name) => stack.client.ready(name)))
  return { url: stack.client.url, stack, stop }
}
