import { afterEach, describe, expect, it } from 'vitest'
import { removeRunFolders, startRun } from '../contract/runner/run-in-folder.ts'
import { type PythonModel, removePythonModels, startPythonModel } from './python-model.ts'
import { needsTestPython, testPython } from './test-python.ts'

type Files = Record<string, string>

const start = (source: Files, more: Omit<PythonModel, 'source'> = {}) =>
  startPythonModel({ python: testPython, source, ...more })

/** What the model of these files gives for the data. */
async function predictionOf(source: Files, data: unknown, more?: Omit<PythonModel, 'source'>) {
  const outcome = await startRun(await start(source, more), { data }).outcome
  return outcome.kind === 'done' ? (outcome.output as { prediction: unknown }).prediction : outcome
}

afterEach(async () => {
  await removePythonModels()
  removeRunFolders()
})

const SCALE = `
class Scale:
    def __init__(self, factor): self.factor = factor
    def predict(self, data): return sum(data) * self.factor
`
const IMPORT = 'from ai_inference_service import InferenceService\n'
const WEB = 'from flask import Flask, jsonify, request\napp = Flask(__name__)\n'
const INFER = `
@app.route("/infer", methods=["POST"])
def infer(): return jsonify({"prediction": service.infer(request.get_json()["data"])})
@app.route("/predict", methods=["POST"])
def predict(): return jsonify(service.infer(request.get_json()["data"]))
if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)
`
/** As the page of the seed has it: the class is in the program itself. */
const OWN_CLASS = `import threading
class InferenceService:
    def __init__(self, model):
        self.model, self.lock = model, threading.Lock()
    def infer(self, data):
        with self.lock:
            return self.model.predict(data)
`

describe('an InferenceService', { timeout: 60_000 }, () => {
  needsTestPython()

  it.each<[string, Files, unknown, unknown]>([
    [
      'is used with the model it was made with',
      { 'app.py': `${IMPORT}${SCALE}service = InferenceService(Scale(3))\n` },
      [1, 2],
      9,
    ],
    [
      'is found in a program of Flask, whose view is called predict',
      { 'app.py': `${IMPORT}${WEB}${SCALE}service = InferenceService(Scale(3))\n${INFER}` },
      [1, 2],
      9,
    ],
    [
      'may be a class of the program itself',
      { 'app.py': `${OWN_CLASS}${WEB}${SCALE}service = InferenceService(Scale(2))\n${INFER}` },
      [1, 2],
      6,
    ],
    [
      'holds numbers against the threshold of its config',
      {
        'app.py': `import numpy as np\n${IMPORT}class Trained:\n    def predict(self, x): return np.array(x)\nservice = InferenceService(Trained(), config={"threshold": 0.5})\n`,
      },
      [0.2, 0.5, 0.9],
      [0, 0, 1],
    ],
    [
      'has its hooks called when its class has some',
      {
        'app.py': `${IMPORT}class M:
    def predict(self, data): return [x * 2 for x in data]
class Labels(InferenceService):
    def preprocess(self, data): return [float(x) for x in data]
    def postprocess(self, p): return ["big" if x > 3 else "small" for x in p]
service = Labels(M())
`,
      },
      ['1', '2'],
      ['small', 'big'],
    ],
    [
      'may be imported from another file, beside which nothing is a model',
      {
        'app.py': `${WEB}from serving import service\n${INFER}`,
        'serving.py': `${IMPORT}from scale import Scale\nservice = InferenceService(Scale(3))\n`,
        'scale.py': SCALE,
      },
      [1, 2],
      9,
    ],
    [
      'may wrap a class of another file',
      { 'app.py': `${IMPORT}from scale import Scale\nservice = InferenceService(Scale(4))\n`, 'scale.py': SCALE },
      [1, 2],
      12,
    ],
    [
      'is the one of the folder, if the folder has a module of that name',
      {
        'app.py':
          'import ai_inference_service as ais\nfrom scale import Scale\nservice = ais.InferenceService(Scale(1))\n',
        'ai_inference_service.py':
          'class InferenceService:\n    def __init__(self, model): self.model = model\n    def predict(self, data): return {"own": self.model.predict(data)}\n',
        'scale.py': SCALE,
      },
      [1, 2],
      { own: 3 },
    ],
  ])('%s', async (_title, source, data, prediction) => {
    expect(await predictionOf(source, data)).toEqual(prediction)
  })

  it('is found in a module that the named file imports whole', async () => {
    const source = {
      'main.py': 'import serving\n',
      'serving.py': `${IMPORT}${SCALE}service = InferenceService(Scale(3))\n`,
    }
    expect(await predictionOf(source, [1, 2], { ref: 'main.py', convention: 'predict' })).toBe(9)
  })

  it('takes what millrace.yaml says over its own config', async () => {
    const source = {
      'app.py': `${IMPORT}class M:\n    def predict(self, x): return x\nservice = InferenceService(M(), {"threshold": 0.5})\n`,
    }
    expect(await predictionOf(source, 0.9)).toBe(1)
    expect(await predictionOf(source, 0.9, { config: { threshold: 0.95 } })).toBe(0)
  })

  it('is named when a program has two', async () => {
    const source = {
      'app.py': `${IMPORT}${SCALE}one = InferenceService(Scale(1))\ntwo = InferenceService(Scale(2))\nalso_one = one\n`,
    }
    await expect(start(source)).rejects.toThrow('one, two all have predict(data)')
    expect(await predictionOf(source, [1], { ref: 'app.py:two' })).toBe(2)
  })

  it('that is made where nobody sees it is told of', async () => {
    const source = {
      'app.py': `${IMPORT}from scale import Scale\nif __name__ == "__main__":\n    service = InferenceService(Scale(1))\n`,
      'scale.py': 'class Scale: pass\n',
    }
    await expect(
      startPythonModel({ python: testPython, source, ref: 'app.py', convention: 'predict' }),
    ).rejects.toThrow('make it at the top of the file')
  })
})

describe('a view function named predict', { timeout: 60_000 }, () => {
  needsTestPython()

  it.each([
    [
      'of Flask',
      `${WEB}@app.route("/predict", methods=["POST"])\ndef predict(): return jsonify(model.predict(request.get_json()["data"]))\n`,
    ],
    ['of Flask with an argument', `${WEB}@app.get("/predict/<name>")\ndef predict(name): return name\n`],
    [
      'of a router, async',
      `${WEB}class Router:\n    def post(self, path): return lambda f: f\nrouter = Router()\n@router.post("/predict")\nasync def predict(request): return None\n`,
    ],
    [
      'registered by name',
      `${WEB}def predict(*args): return "view"\napp.add_url_rule("/predict", view_func=predict)\n`,
    ],
  ])('is no model: %s', async (_title, view) => {
    const text = `class Summer:\n    def predict(self, data): return sum(data)\nmodel = Summer()\n${view}`
    expect(await predictionOf({ 'app.py': text }, [1, 2])).toBe(3)
  })

  it('leaves the model to the file that has one', async () => {
    const source = {
      'app.py': `${WEB}from summer import model\n@app.route("/predict")\ndef predict(): return "view"\n`,
      'summer.py': 'class Summer:\n    def predict(self, data): return sum(data)\nmodel = Summer()\n',
    }
    expect(await predictionOf(source, [1, 2])).toBe(3)
    expect(await predictionOf(source, [1, 2], { ref: 'app.py', convention: 'predict' })).toBe(3)
  })
})
