/** Which control each input of the models of the repository gets, and of the examples of the five conventions. */
import { fileURLToPath } from 'node:url'
import { type AnyModel, manifestOf } from '@millrace/model'
import { afterAll, describe, expect, it } from 'vitest'
import type { Control } from '../../apps/web/src/form/controls/control.ts'
import { makeControl } from '../../apps/web/src/form/controls/make-control.ts'
import { describeControl } from '../../apps/web/src/form/describe-control.ts'
import { writeJson } from '../../apps/web/src/json/json.ts'
import { type PythonModel, removePythonModels, startPythonModel } from '../python/python-model.ts'
import { needsTestPython, testPython } from '../python/test-python.ts'

const folder = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
afterAll(removePythonModels)

/** What stands beside each field, with the look of a text and the fields of an object. */
function controlsOf(control: Control): Record<string, unknown> {
  if (control.kind !== 'object') return { '': shown(control, true) }
  return Object.fromEntries(
    control.fields().map(({ name, required, control: field }) => [name, shown(field, required)]),
  )
}

function shown(control: Control, isRequired: boolean): unknown {
  const look = control.kind === 'text' ? `${control.as} ` : ''
  const words = `${look}${describeControl(control, isRequired)}`
  if (control.kind === 'object') return [words, controlsOf(control)]
  if (control.kind === 'list') return [words, shown(control.item(), true)]
  return control.kind === 'choice' ? [words, ...control.values.map((value) => writeJson(value))] : words
}

async function python(model: PythonModel): Promise<Record<string, unknown>> {
  const runner = await startPythonModel(model)
  return controlsOf(makeControl((await runner.start()).input_schema))
}

async function typescript(path: string): Promise<Record<string, unknown>> {
  const { default: model } = (await import(folder(path))) as { default: AnyModel }
  return controlsOf(makeControl(manifestOf(model).input_schema))
}

describe('the controls of', () => {
  it('echo and ocr, in TypeScript', async () => {
    expect(await typescript('models/echo/model.ts')).toMatchInlineSnapshot(`
      {
        "delay_seconds": "number · 0 to 3600 · default 0",
        "message": "long text",
        "size_bytes": "whole number · 0 to 1,073,741,824 · default 0",
      }
    `)
    expect(await typescript('models/ocr/model.ts')).toMatchInlineSnapshot(`
      {
        "image": "image/*",
        "lang": [
          "choice · default "eng"",
          ""eng"",
        ],
      }
    `)
  })

  it('babble, after Cog', async () => {
    expect(await python({ source: folder('models/babble') })).toMatchInlineSnapshot(`
      {
        "seed": "whole number · optional",
        "text": "long text · at most 100,000 characters",
        "words": "whole number · 1 to 1000 · default 40",
      }
    `)
  })

  it('Cog models of pictures and with all kinds of inputs', async () => {
    const source = folder('test/python/examples/cog')
    expect(await python({ source, ref: 'predict_image.py:Predictor' })).toMatchInlineSnapshot(`
      {
        "code": "short text · default "AB1"",
        "image": "file · optional",
        "prompt": "long text · at most 200 characters",
        "scale": "number · 0.5 to 10 · default 1.5",
        "seed": "whole number · optional",
        "steps": [
          "choice · default 4",
          "1",
          "4",
          "8",
        ],
        "style": [
          "choice · default "photo"",
          ""photo"",
          ""line"",
        ],
        "tags": [
          "list · default ["a"]",
          "long text",
        ],
        "token": "secret secret · optional",
      }
    `)
    expect(await python({ source: { 'predict.py': COG_KINDS } })).toMatchInlineSnapshot(`
      {
        "anything": "JSON · optional",
        "code": "short text · default "A1"",
        "either": "whole number or text · default 0",
        "either_file": "file or text · default "none"",
        "flag": "yes or no · default no",
        "handle": "file · optional",
        "images": [
          "list · optional",
          "file",
        ],
        "literal": [
          "choice · default "a"",
          ""a"",
          "1",
        ],
        "mapping": "JSON · optional",
        "maybe": "whole number · optional · not to be used any more",
        "number": "number · 0 to 2 · default 0.5",
        "positive": "whole number · at least 1 · default 1",
        "steps": [
          "choice · default 4",
          "1",
          "4",
          "8",
        ],
        "style": [
          "choice · default "photo"",
          ""photo"",
          ""line"",
        ],
        "texts": [
          "list · default ["x"]",
          "short text · at most 3 characters",
        ],
        "token": "secret secret · optional",
      }
    `)
  })

  it('a script of ai_integration', async () => {
    const source = folder('test/python/examples/ai_integration')
    expect(await python({ source, ref: 'loop_multi.py' })).toMatchInlineSnapshot(`
      {
        "image": "file",
        "text": "long text",
      }
    `)
  })

  it('a wrapper of AIGES', async () => {
    const source = folder('test/python/examples/aiges/once')
    expect(await python({ source })).toMatchInlineSnapshot(`
      {
        "img": "image/* · optional",
        "lang": [
          "choice · default "en"",
          ""zh"",
          ""en"",
        ],
        "parameter": "JSON · optional",
        "payload": "JSON · optional",
        "text": "long text · optional",
        "threshold": "number · 0 to 1 · default 0.5",
        "top": "whole number · 1 to 5 · default 2",
        "upper": "yes or no · default no",
        "voice": "audio/* · optional",
      }
    `)
  })

  it('a plain predict', async () => {
    const source = folder('test/python/examples/ai_inference_service')
    expect(await python({ source, convention: 'predict', ref: 'custom_model.py:DummyModel' })).toMatchInlineSnapshot(`
      {
        "data": "JSON",
      }
    `)
  })

  describe('what needs packages', () => {
    needsTestPython()

    it('a DEEPaaS project', async () => {
      const source = folder('test/python/examples/deepaas/demo_mod')
      expect(await python({ source, python: testPython })).toMatchInlineSnapshot(`
        {
          "accept": [
            "choice · default "application/json"",
            ""application/json"",
            ""image/png"",
            ""application/zip"",
            ""text/plain"",
            ""*/*"",
          ],
          "choice": [
            "choice · default "a"",
            ""a"",
            ""b"",
          ],
          "data": "file · optional",
          "flag": "yes or no · default no",
          "mode": "long text · default "ok"",
          "params": "long text · default "{\\"x\\": 1}"",
          "top-k": "whole number · at least 1, below 6 · default 2",
          "url": "url address · optional",
          "weights": [
            "list · default [0.5,0.5]",
            "number",
          ],
        }
      `)
    })

    it('palette, after Cog', async () => {
      expect(await python({ source: folder('models/palette'), python: testPython })).toMatchInlineSnapshot(`
        {
          "colors": "whole number · 1 to 16 · default 5",
          "image": "file",
        }
      `)
    })
  })
})

const COG_KINDS = `
from typing import Any, Dict, List, Literal, Optional, Union
from cog import BasePredictor, File, Input, Path, Secret
class Predictor(BasePredictor):
    def predict(
        self,
        code: str = Input(default="A1", regex=r"^[A-Z]\\d$"),
        number: float = Input(default=0.5, ge=0, le=2),
        positive: int = Input(default=1, ge=1),
        flag: bool = False,
        style: str = Input(default="photo", choices=["photo", "line"]),
        steps: int = Input(default=4, choices=[1, 4, 8]),
        literal: Literal["a", 1] = "a",
        maybe: Optional[int] = Input(description="Perhaps", deprecated=True),
        texts: List[str] = Input(default=["x"], max_length=3),
        either: Union[int, str] = 0,
        anything: Any = None,
        mapping: Dict[str, int] = {},
        either_file: Union[str, Path] = "none",
        images: List[Path] = [],
        handle: File = None,
        token: Secret = Input(default=None),
    ) -> str:
        return ""
`
