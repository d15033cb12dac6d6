/**
 * The package aiges runs the same wrappers, and its answers are compared with ours: by the servicer of its own gRPC server,
 * and by the run of an author at hand. Without the package index the tests are skipped and say so.
 */
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { RunnerProcess } from '../../../libs/host/src/runners/runner-process.ts'
import { removeRunFolders, startRun } from '../../contract/runner/run-in-folder.ts'
import { onceExample, runWithFiles, seedExample } from '../aiges/aiges-run.ts'
import { removePythonModels, startPythonModel } from '../python-model.ts'
import { type AigesAnswer, type AigesNode, aigesOriginal, askAiges, wrapperFolder } from './aiges-original.ts'
import { needsMade } from './needs-originals.ts'

const VERSION = '0.16.0'
const png = readFileSync(join(onceExample, 'test_data/test.png'))
const KINDS = { text: 0, voice: 1, img: 2 } as const
const main = fileURLToPath(new URL('../../../apps/runner/python/run_model.py', import.meta.url))

/** Says what it is given, or answers as its parameter asks. */
const TOLD = `import json
from aiges.core.types import *
from aiges.dto import Response, ResponseData
from aiges.sdk import *
class UserRequest(object):
    params1 = StringParamField(key="how", maxLength=20, value="told")
    params2 = IntegerParamField(key="n", minimum=-3, maximum=9, value=1)
    params3 = NumberParamField(key="ratio", enums=[0.5, 2], value=0.5, required=True)
    params4 = BooleanParamField(key="loud", default=True)
    input1 = StringBodyField(key="text", value=b"said")
    input2 = ImageBodyField(key="img")
    input3 = AudioBodyField(key="voice")
class UserResponse(object):
    accept1 = StringBodyField(key="result")
    accept2 = ImageBodyField(key="picture")
    accept3 = AudioBodyField(key="sound")
def result(key, data, type=DataText):
    made = ResponseData(key=key)
    made.setDataType(type)
    made.setData(data)
    return made
class Wrapper(WrapperBase):
    serviceId = "told"
    version = "v2"
    call = "atmos-other"
    route = "/v1/other"
    requestCls = UserRequest()
    responseCls = UserResponse()
    def wrapperInit(self, config):
        self.given = {key: config[key] for key in sorted(config)}
        return int(self.given.get("code", 0))
    def wrapperError(self, ret):
        return {7: "seven", 30002: ""}.get(ret, "")
    def wrapperOnceExec(self, params, reqData):
        response = Response()
        how = params["how"]
        nodes = [[n.key, n.len, n.type, n.status, n.data.hex(), type(n.data).__name__] for n in reqData.list]
        told = {"params": {key: params[key] for key in sorted(params) if key != "sid"}, "nodes": nodes, "config": self.given}
        told["absent"] = reqData.get("nobody")
        response.list = {
            "told": lambda: [result("result", json.dumps(told).encode())],
            "all": lambda: [result("result", "é".encode()), result("picture", b"\\xff\\xd8\\xff", DataImage), result("sound", b"pcm", DataAudio)],
            "sound": lambda: [result("sound", b"", DataAudio)],
            "twice": lambda: [result("result", b"a"), result("result", b"b")],
            "stranger": lambda: [result("other", b"a")],
            "wrong type": lambda: [result("picture", b"a")],
            "not one": lambda: [result("picture", b"a", 9)],
            "late code": lambda: [result("result", b"a")],
            "code": lambda: [],
        }.get(how, lambda: response.list)()
        return response.response_err(7) if "code" in how else response
`

interface Ask {
  params?: Record<string, string | number | boolean>
  text?: string
  img?: Buffer
  voice?: Buffer
}

/** As the platform sends it: parameters as text, and data in the order of its declaration. */
function requestOf({ params = {}, ...data }: Ask, order: (keyof typeof KINDS)[]) {
  const nodes = order.flatMap((key) => {
    const value = data[key]
    return value === undefined ? [] : [{ key, type: KINDS[key], data: Buffer.from(value).toString('base64') }]
  })
  const texts = Object.entries(params).map(([key, value]) => [key, String(value)])
  return { params: Object.fromEntries(texts) as Record<string, string>, data: nodes }
}

function runOf(runner: RunnerProcess, { params, text, img, voice }: Ask) {
  const files = {
    ...(img && { '/img': { bytes: img, type: 'image/png' } }),
    ...(voice && { '/voice': { bytes: voice, type: 'audio/wav' } }),
  }
  const input = {
    ...params,
    ...(text !== undefined && { text }),
    ...(img && { img: null }),
    ...(voice && { voice: null }),
  }
  return runWithFiles(runner, input, files)
}

/** What ours gives: results by name, files as base64; or how it failed. */
async function given(run: ReturnType<typeof runOf>): Promise<unknown> {
  const outcome = await run.outcome
  if (outcome.kind !== 'done') {
    const own = outcome.kind === 'failed' && outcome.code === 'model_error' ? Number(outcome.details?.code) : 0
    return own > 0 && 'message' in outcome ? { code: own, words: outcome.message } : { failed: true }
  }
  const results = { ...(outcome.output as Record<string, unknown>) }
  for (const { pointer, path } of outcome.files) {
    results[pointer.slice(1)] = { file: readFileSync(join(run.workDir, path)).toString('base64') }
  }
  return readable(results)
}

/** What theirs gives, in the same words. Its Python server sends the results on and drops an error code; the loader does not. */
function expected({ results, code, words, ret, sent, raised }: AigesAnswer): unknown {
  if (code) return { code, words: words || `wrapperOnceExec failed with ${code}` }
  if (raised !== undefined || ret || !results) return { failed: true }
  expect(sent ?? results).toEqual(results)
  return byName(results)
}

const byName = (results: AigesNode[]): unknown =>
  readable(
    Object.fromEntries(
      results.map(({ key, type, data }) => [key, type === 0 ? Buffer.from(data, 'base64').toString() : { file: data }]),
    ),
  )

/** Texts that are JSON as what they say, without what only our runs have: the sid among the parameters. */
function readable(results: Record<string, unknown>): unknown {
  const { result } = results
  if (typeof result !== 'string' || !result.startsWith('{')) return results
  const said = JSON.parse(result) as { types?: Record<string, string> }
  delete said.types?.sid
  return { ...results, result: said }
}

/** What the runner prints in place of a run. */
async function printed(folder: string): Promise<unknown> {
  const settings = { folder, host_pid: process.pid, print: 'aiges_schema' }
  const child = spawn('python3', ['-u', main, JSON.stringify(settings)], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  return (JSON.parse(await text(child.stdio[4] as Readable)) as { document?: unknown }).document
}

/** Its generator leaves out bounds from below, and lengths of a text from below. */
function withoutLowerBounds(document: unknown, service: string): unknown {
  const copy = structuredClone(document) as {
    meta: Record<string, unknown>
    schemainput: { properties: { parameter: { properties: Record<string, { properties: Record<string, object> }> } } }
  }
  for (const about of Object.values(copy.schemainput.properties.parameter.properties[service]?.properties ?? {})) {
    for (const key of ['minimum', 'minLength']) Reflect.deleteProperty(about, key)
  }
  return copy
}

const folders: string[] = []
const folderOf = (source: string): string => {
  const folder = wrapperFolder(source)
  folders.push(folder)
  return folder
}

afterEach(async () => {
  await removePythonModels()
  removeRunFolders()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

describe(`aiges ${VERSION} itself`, { timeout: 60_000 }, () => {
  const aiges = needsMade(() => aigesOriginal(VERSION))

  async function compare(
    source: string,
    asks: Ask[],
    order: (keyof typeof KINDS)[],
    config: Record<string, string> = {},
  ) {
    const requests = asks.map((ask) => requestOf(ask, order))
    const [theirs, ours] = await Promise.all([
      askAiges(aiges(), source, 'serve', { requests, config }),
      startPythonModel({ source, convention: 'aiges', config }),
    ])
    const compared = []
    for (const [index, ask] of asks.entries()) {
      const answer = expected(theirs.answers[index] as AigesAnswer)
      expect({ ask, answer: await given(runOf(ours, ask)) }).toEqual({ ask, answer })
      compared.push(answer)
    }
    return compared
  }

  it("answers the example as we do, in its server's hands: text, an image, error codes, and a crash", async () => {
    const params = { lang: 'en', threshold: '0.5', top: '2', upper: 'false' }
    const answers = await compare(
      onceExample,
      [
        { params, text: 'hello' },
        { params: { ...params, upper: true, lang: 'zh', top: 5 }, text: 'héllo 你好' },
        { params, text: 'with an image', img: png },
        { params, text: 'with both', img: png, voice: Buffer.from('pcm') },
        { params, img: png },
        ...['a', 'raise', 'none', 'int', 'empty', 'again'].map((word): Ask => ({ params, text: word })),
      ],
      ['img', 'text', 'voice'],
    )
    expect(answers).toMatchObject([
      { result: { text: 'hello', calls: 1 } },
      { result: { text: 'HÉLLO 你好', top: 5 } },
      { result: { img_len: png.length }, thumb: { file: png.subarray(0, 8).toString('base64') } },
      { result: { keys: ['img', 'text', 'voice'] } },
      ...Array.from({ length: 2 }, () => ({ code: 100, words: 'text too short' })),
      ...Array.from({ length: 4 }, () => ({ failed: true })),
      { result: { calls: 11 } },
    ])
  })

  it('hands over parameters, data and config as we do, and results of every type come back', async () => {
    const params = { how: 'told', n: '-3', ratio: '0.5', loud: 'true' }
    const hows = ['all', 'late code', 'code', 'not one']
    const answers = await compare(
      folderOf(TOLD),
      [
        { params, text: 'x' },
        { params: { ...params, n: 9, ratio: 2, loud: false }, text: 'é', img: png, voice: Buffer.from('RIFF') },
        { params: { ...params, n: 1, ratio: 0.5, loud: true }, voice: Buffer.alloc(0) },
        ...hows.map((how): Ask => ({ params: { ...params, how }, text: 'x' })),
      ],
      ['text', 'img', 'voice'],
      { 'common.lic': '10', word: 'é' },
    )
    expect(answers).toMatchObject([
      { result: { params, nodes: [['text', 1, 0, 3, '78', 'bytes']], config: { 'common.lic': '10', word: 'é' } } },
      { result: { params: { n: '9', ratio: '2', loud: 'false' } } },
      { result: { nodes: [['voice', 0, 1, 3, '', 'bytes']] } },
      { result: 'é', picture: { file: '/9j/' }, sound: { file: 'cGNt' } },
      ...Array.from({ length: 2 }, () => ({ code: 7, words: 'seven' })),
      { failed: true },
    ])
  })

  it('refuses a wrapper whose wrapperInit answers a code, as we do', async () => {
    const source = folderOf(TOLD)
    expect(await askAiges(aiges(), source, 'serve', { requests: [], config: { code: '5' } })).toEqual({ init: 30002 })
    await expect(startPythonModel({ source, config: { code: '5' } })).rejects.toThrow('wrapperInit failed with 5')
  })

  it('finds odd in an answer what we do', async () => {
    const source = folderOf(TOLD)
    const hows = ['told', 'all', 'twice', 'stranger', 'wrong type', 'late code']
    const base = { n: '1', ratio: '2', loud: 'true' }
    const requests = hows.map((how) => requestOf({ params: { ...base, how }, text: 'x' }, ['text']))
    const { answers } = await askAiges(aiges(), source, 'serve', { requests })
    const strict = await startPythonModel({ source, config: { millrace: { strict_results: true } } })
    for (const [index, how] of hows.entries()) {
      const outcome = await startRun(strict, { ...base, how, text: 'x' }).outcome
      const passes = outcome.kind === 'done' || (outcome.kind === 'failed' && outcome.code === 'model_error')
      expect({ how, passes }).toEqual({ how, passes: answers[index]?.passes })
    }
    expect(answers.map(({ passes }) => passes)).toEqual([true, true, false, false, false, true])
  })

  it.each([
    ['the example', onceExample, 'demo_once'],
    ['a wrapper of the first era', seedExample, 'third_party'],
    ['a wrapper with a route and bounds of its own', TOLD, 'told'],
  ])('prints the document of %s as we do, but for bounds from below', async (_name, source, service) => {
    const folder = source === TOLD ? folderOf(source) : source
    const theirs = await askAiges(aiges(), folder, 'schema')
    expect(withoutLowerBounds(await printed(folder), service)).toEqual(withoutLowerBounds(theirs, service))
  })

  it('runs the example by hand, with its declared values, as we do with the same', async () => {
    const theirs = await askAiges(aiges(), onceExample, 'run')
    expect(theirs).toMatchObject({ passes: true, code: 0 })
    const ours = await startPythonModel({ source: onceExample, config: { millrace: { typed_params: true } } })
    const run = runOf(ours, { text: 'hello world', img: png, voice: Buffer.alloc(0) })
    expect(await given(run)).toEqual(expected(theirs))
  })

  it('gives the results of a session as we do', async () => {
    const source = folderOf(SESSION)
    const theirs = await askAiges(aiges(), source, 'run_stream')
    const ours = await startPythonModel({ source })
    const outcome = await startRun(ours, { frames: [{ text: 'a b c' }] }).outcome
    expect(theirs.map((nodes) => byName(nodes))).toEqual([{ result: 'A' }, { result: 'B' }, { result: 'C' }])
    expect(outcome).toMatchObject({ kind: 'done', output: { frames: theirs.map((nodes) => byName(nodes)) } })
  })
})

/** A session: a thread of the pool gives each word by callback. */
const SESSION = `from aiges.core.types import *
from aiges.dto import Response, ResponseData, SessionCreateResponse, callback
from aiges.sdk import *
class UserRequest(object):
    params1 = StringParamField(key="lang", value="en")
    input1 = StringBodyField(key="text", value=b"a b c")
class UserResponse(object):
    accept1 = StringBodyField(key="result")
class Words(StreamHandleThread):
    def run(self):
        while not self.is_stopping:
            words = self.in_q.get().get("text").data.decode().split()
            for index, word in enumerate(words):
                data = ResponseData(key="result")
                data.setData(word.upper().encode())
                data.status = DataEnd if index + 1 == len(words) else DataContinue
                response = Response()
                response.list = [data]
                self.session_thread.callback_fn(response, self.session_thread.sid)
class Wrapper(WrapperBase):
    serviceId = "words"
    version = "v1"
    requestCls = UserRequest()
    responseCls = UserResponse()
    def wrapperInit(self, config):
        self.session.init_wrapper_config(config)
        self.session.init_handle_pool("thread", 1, Words)
        return 0
    def wrapperCreate(self, params, sid, persId=0, usrTag=""):
        made = SessionCreateResponse()
        made.handle = self.session.get_idle_handle()
        thread = self.session.get_session(handle=made.handle)
        thread.setup_sid(sid)
        thread.setup_params(params)
        thread.setup_callback_fn(callback)
        return made
    def wrapperWrite(self, handle, req, sid):
        self.session.get_session(handle=handle).in_q.put(req)
        return 0
`
