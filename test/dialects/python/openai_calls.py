"""The calls of OpenAI's client for Python, of both its faces. Started by test/dialects/openai.test.ts."""
import asyncio
import base64
import io
import json
import time
import urllib.request

import openai
from calls import call, main

client = openai.OpenAI()
made = {}


def wav(text):
    return ("said.wav", io.BytesIO(b"RIFF\0\0\0\0WAVE" + text))


def rows(*bodies):
    lines = [json.dumps({"custom_id": str(n), "method": "POST", "url": "/v1/embeddings", "body": body}) for n, body in enumerate(bodies)]
    return client.files.create(file=("rows.jsonl", "\n".join(lines).encode()), purpose="batch")


def batch(*bodies):
    return client.batches.create(input_file_id=rows(*bodies).id, endpoint="/v1/embeddings", completion_window="24h")


def ended(batch_id):
    for _ in range(400):
        now = client.batches.retrieve(batch_id)
        if now.status in ("completed", "failed", "expired", "cancelled"):
            return now
        time.sleep(0.05)
    raise AssertionError("it did not end")


def refused(status, function, **asked):
    try:
        function(**asked)
    except openai.APIStatusError as error:
        assert error.status_code == status, error
        return error
    raise AssertionError("it was not refused")


@call("models.list")
def _():
    assert [one.id for one in client.models.list()] == ["embed", "paint", "scribe"]


@call("models.retrieve")
def _():
    assert client.models.retrieve("embed").owned_by == "millrace"
    assert refused(404, client.models.retrieve, model="gpt-9").code == "model_not_found"


@call("embeddings.create")
def _():
    given = client.embeddings.create(model="embed", input="abc")
    assert given.data[0].embedding == [1.5, 0.75] and given.usage.prompt_tokens == 1, given


@call("embeddings.create, as floats")
def _():
    given = client.embeddings.create(model="embed", input=["a", "abcd"], encoding_format="float", dimensions=1)
    assert [one.embedding for one in given.data] == [[0.5], [2]], given


@call("embeddings.create, of tokens")
def _():
    error = refused(400, client.embeddings.create, model="embed", input=[1, 2, 3])
    assert error.param == "input" and "not tokens" in str(error), error


@call("images.generate")
def _():
    given = client.images.generate(model="paint", prompt="a cat")
    assert urllib.request.urlopen(given.data[0].url).read()[1:4] == b"PNG"


@call("images.generate, as base64")
def _():
    given = client.images.generate(model="paint", prompt="a cat", n=2, response_format="b64_json")
    assert [base64.b64decode(one.b64_json)[1:4] for one in given.data] == [b"PNG", b"PNG"]
    made["png"] = base64.b64decode(given.data[0].b64_json)


@call("images.edit")
def _():
    given = client.images.edit(model="paint", prompt="a cat", image=("a.png", made["png"]), response_format="b64_json")
    assert base64.b64decode(given.data[0].b64_json) == made["png"]


@call("audio.transcriptions.create")
def _():
    assert client.audio.transcriptions.create(model="scribe", file=wav(b"hello")).text == "hello"


@call("audio.transcriptions.create, as a text")
def _():
    assert client.audio.transcriptions.create(model="scribe", file=wav(b"hello"), response_format="text") == "hello"


@call("audio.transcriptions.create, in full")
def _():
    asked = {"model": "scribe", "file": wav(b"hallo"), "language": "de", "response_format": "verbose_json"}
    told = client.audio.transcriptions.create(**asked, timestamp_granularities=["segment"])
    assert told.language == "de" and told.duration == 1.5 and told.segments[0].text == "hallo", told


@call("files.create")
def _():
    made["file"] = rows({"model": "embed", "input": "a"})
    assert made["file"].purpose == "batch" and made["file"].status == "processed"


@call("files.retrieve")
def _():
    assert client.files.retrieve(made["file"].id).bytes == made["file"].bytes


@call("files.content")
def _():
    assert json.loads(client.files.content(made["file"].id).read())["custom_id"] == "0"


@call("files.list")
def _():
    seen = [one.id for one in client.files.list(limit=2)]
    assert seen[0] == made["file"].id and len(seen) == len(set(seen))


@call("batches.create")
def _():
    made["batch"] = batch({"model": "embed", "input": "abcd"}, {"model": "embed", "input": "a", "fail": True})
    own = {"input_file_id": made["file"].id, "endpoint": "/v1/models/embed/jobs", "completion_window": "24h"}
    assert client.batches.create(**own).endpoint == "/v1/models/embed/jobs"


@call("batches.retrieve")
def _():
    done = ended(made["batch"].id)
    assert (done.status, done.request_counts.completed, done.request_counts.failed) == ("completed", 1, 1), done
    good = json.loads(client.files.content(done.output_file_id).text)
    assert good["response"]["body"]["data"][0]["embedding"] == [2, 1], good
    bad = json.loads(client.files.content(done.error_file_id).text)
    assert bad["response"]["status_code"] == 500 and bad["response"]["body"]["error"]["code"] == "model_error", bad
    assert client.files.retrieve(done.output_file_id).purpose == "batch_output"


@call("batches.list")
def _():
    seen = [one.id for one in client.batches.list(limit=1)]
    assert made["batch"].id in seen and len(seen) == len(set(seen))


@call("batches.cancel")
def _():
    begun = batch({"model": "embed", "input": "a", "pause_ms": 300000})
    client.batches.cancel(begun.id)
    assert ended(begun.id).status == "cancelled"


@call("files.delete")
def _():
    assert client.files.delete(made["file"].id).deleted
    refused(404, client.files.retrieve, file_id=made["file"].id)


@call("AsyncOpenAI")
def _():
    async def embed():
        async with openai.AsyncOpenAI() as other:
            return await other.embeddings.create(model="embed", input="abc")

    assert asyncio.run(embed()).data[0].embedding == [1.5, 0.75]


main()
