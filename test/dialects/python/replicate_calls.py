"""The calls of Replicate's client for Python, of both of its lines. Started by test/dialects/replicate.test.ts."""
import importlib.metadata
import io
import time
import urllib.request

import replicate
from calls import call, main

ONE = importlib.metadata.version("replicate").startswith("1.")
MODEL = "acme/shout"
VERSION = "shout.1.0.0"
made = {}


def created(**fields):
    return replicate.predictions.create(version=VERSION, **fields)


def prediction_of(prediction_id):
    return replicate.predictions.get(prediction_id) if ONE else replicate.predictions.get(prediction_id=prediction_id)


def training_of(training_id):
    return replicate.trainings.get(training_id) if ONE else replicate.trainings.get(training_id=training_id)


def ended(of, read=prediction_of):
    for _ in range(400):
        now = read(of)
        if now.status in ("succeeded", "failed", "canceled"):
            return now
        time.sleep(0.05)
    raise AssertionError("it did not end")


@call("run, by model")
def _():
    assert replicate.run(MODEL, input={"text": "hi"}) == "HI"


@call("run, by version")
def _():
    assert replicate.run(f"{MODEL}:{VERSION}", input={"text": "hi"}) == "HI"


@call("run, not waiting")
def _():
    assert replicate.run(MODEL, input={"text": "hi"}, wait=False) == "HI"


@call("run, failing")
def _():
    try:
        replicate.run(MODEL, input={"fail": True})
    except Exception as error:
        assert type(error).__name__ == "ModelError" and "model said no" in str(error), error
    else:
        raise AssertionError("it did not fail")


@call("run, with a file")
def _():
    assert replicate.run(MODEL, input={"file": io.BytesIO(b"a buffer")}) == "A BUFFER"
    output = replicate.run(MODEL, input={"text": "a file", "as": "file"})
    assert urllib.request.urlopen(str(output)).read() == b"A FILE"


@call("predictions.create")
def _():
    prediction = created(input={"text": "x"})
    assert prediction.status == "starting" and prediction.version == VERSION
    made["id"] = prediction.id


@call("predictions.get")
def _():
    assert ended(made["id"]).output == "X"


@call("predictions.get, of none")
def _():
    try:
        prediction_of("zzz")
    except Exception as error:
        assert "404" in str(error), error
    else:
        raise AssertionError("it is there")


@call("predictions.cancel")
def _():
    prediction = created(input={"text": "aaaaaaaa", "pause_ms": 60000})
    if ONE:
        replicate.predictions.cancel(prediction.id)
    else:
        replicate.predictions.cancel(prediction_id=prediction.id)
    assert ended(prediction.id).status == "canceled"


@call("predictions.list")
def _():
    page = replicate.predictions.list()
    assert made["id"] in [one.id for one in page.results]


@call("stream")
def _():
    pieces = [str(piece) for piece in replicate.stream(MODEL, input={"text": "abc"})]
    assert "".join(pieces).replace("{}", "") == "ABC", pieces


def model():
    return replicate.models.get(MODEL) if ONE else replicate.models.get(model_owner="acme", model_name="shout")


@call("models.get")
def _():
    assert model().latest_version is not None and model().name == "shout"


@call("models.list")
def _():
    assert [one.name for one in replicate.models.list().results] == ["shout"]


@call("models.search")
def _():
    found = replicate.models.search("says loudly") if ONE else replicate.models.search(body="says loudly")
    assert [one.name for one in found.results] == ["shout"]


@call("models.versions.list")
def _():
    versions = model().versions.list() if ONE else replicate.models.versions.list(model_owner="acme", model_name="shout")
    assert [one.id for one in versions.results] == [VERSION]


@call("models.versions.get")
def _():
    if ONE:
        assert model().versions.get(VERSION).id == VERSION
    else:
        named = {"model_owner": "acme", "model_name": "shout", "version_id": VERSION}
        replicate.models.versions.get(**named)


@call("deployments.get")
def _():
    named = {"deployment_owner": "acme", "deployment_name": "shout"}
    found = replicate.deployments.get(MODEL) if ONE else replicate.deployments.get(**named)
    assert found.name == "shout" and found.current_release.version == VERSION


@call("deployments.list")
def _():
    assert [one.name for one in replicate.deployments.list().results] == ["shout"]


@call("deployments.update")
def _():
    named = {"deployment_owner": "acme", "deployment_name": "shout"}
    assert replicate.deployments.update(**named, version=VERSION).current_release.version == VERSION


@call("deployments.predictions.create")
def _():
    create = replicate.deployments.predictions.create
    named = {"deployment_owner": "acme", "deployment_name": "shout"}
    prediction = create(MODEL, {"text": "by name"}) if ONE else create(**named, input={"text": "by name"})
    assert ended(prediction.id).output == "BY NAME"


@call("models.predictions.create")
def _():
    create = replicate.models.predictions.create
    named = {"model_owner": "acme", "model_name": "shout"}
    prediction = create(MODEL, {"text": "by model"}) if ONE else create(**named, input={"text": "by model"})
    assert ended(prediction.id).output == "BY MODEL"


@call("files.create")
def _():
    file = replicate.files.create(io.BytesIO(b"hello")) if ONE else replicate.files.create(content=b"hello", filename="a.txt")
    assert file.size == 5
    made["file"] = file.id


@call("files.list")
def _():
    listed = replicate.files.list()
    assert made["file"] in [one.id for one in (listed if ONE else listed.results)]


@call("files.get")
def _():
    file = replicate.files.get(made["file"]) if ONE else replicate.files.get(file_id=made["file"])
    assert file.id == made["file"]


@call("files.delete")
def _():
    if ONE:
        assert replicate.files.delete(made["file"])
    else:
        replicate.files.delete(file_id=made["file"])


@call("trainings.create")
def _():
    if ONE:
        training = replicate.trainings.create(version=f"{MODEL}:{VERSION}", input={"voice": "low"}, destination="acme/low")
    else:
        named = {"model_owner": "acme", "model_name": "shout", "version_id": VERSION}
        training = replicate.trainings.create(**named, destination="acme/low", input={"voice": "low"})
    assert training.status == "starting"
    made["training"] = training.id


@call("trainings.get")
def _():
    training = ended(made["training"], read=training_of)
    weights = training.output["weights"] if isinstance(training.output, dict) else training.output.weights
    assert urllib.request.urlopen(weights).read() == b"low"


@call("trainings.list")
def _():
    assert made["training"] in [one.id for one in replicate.trainings.list().results]


@call("trainings.cancel")
def _():
    # One that has ended is answered as it is.
    cancel = replicate.trainings.cancel
    training = cancel(made["training"]) if ONE else cancel(training_id=made["training"])
    assert training.id == made["training"]


@call("webhooks.default.secret")
def _():
    if ONE:
        made["secret"] = replicate.webhooks.default.secret()
        assert made["secret"].key.startswith("whsec_")
    else:
        assert replicate.webhooks.default.secret.get().key.startswith("whsec_")


@call("hardware.list")
def _():
    assert len(replicate.hardware.list()) == 1


@call("collections.list")
def _():
    assert list(replicate.collections.list().results) == []


if ONE:

    @call("paginate")
    def _():
        ids = [one.id for page in replicate.paginate(replicate.predictions.list) for one in page]
        assert made["id"] in ids and len(ids) == len(set(ids))

    @call("prediction.wait")
    def _():
        prediction = created(input={"text": "wait"})
        prediction.wait()
        assert prediction.output == "WAIT" and prediction.logs == "said 4 letters\n", prediction

    @call("prediction.progress")
    def _():
        prediction = created(input={"text": "ab", "pause_ms": 600})
        for _ in range(200):
            prediction.reload()
            if prediction.progress and prediction.progress.percentage == 0.5:
                break
            time.sleep(0.02)
        assert prediction.progress.current == 50 and prediction.progress.total == 100
        prediction.wait()

    @call("accounts.current")
    def _():
        assert replicate.Client().accounts.current().username == "acme"

    @call("webhooks.validate")
    def _():
        import base64
        import hashlib
        import hmac

        key = made["secret"].key
        signed = f"evt_1.{int(time.time())}."
        body = "{}"
        mac = hmac.new(base64.b64decode(key.split("_")[1]), (signed + body).encode(), hashlib.sha256).digest()
        headers = {
            "webhook-id": "evt_1",
            "webhook-timestamp": signed.split(".")[1],
            "webhook-signature": "v1," + base64.b64encode(mac).decode(),
        }
        replicate.webhooks.validate(headers=headers, body=body, secret=made["secret"])

else:

    @call("use")
    def _():
        shout = replicate.use(MODEL)
        assert str(shout(text="hi")) == "HI"

    @call("predictions.wait")
    def _():
        prediction = created(input={"text": "wait", "pause_ms": 50})
        assert replicate.predictions.wait(prediction.id).output == "WAIT"

    @call("models.readme.get")
    def _():
        assert "Says a text loudly." in replicate.models.readme.get(model_owner="acme", model_name="shout")

    @call("account.get")
    def _():
        assert replicate.account.get().username == "acme"


main()
