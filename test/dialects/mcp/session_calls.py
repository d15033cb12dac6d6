"""The calls of a session of MCP, the same for both lines of the Python client. Used by the programs beside it."""
import json
import urllib.request

from calls import call

SLOW = {"text": "a long text", "pause_ms": 600_000}
REFUSED = -32602


class Session:
    """A session as plain calls, with answers as JSON. `ask` runs a method of the session; `code_of` reads the code of its error."""

    def __init__(self, ask, code_of, error):
        self._ask = ask
        self._code_of = code_of
        self._error = error

    def __call__(self, method, *given, **named):
        return self._ask(method, *given, **named).model_dump(mode="json", by_alias=True, exclude_none=True)

    def shout(self, **input):
        return self("call_tool", "shout", input)

    def refused(self, method, *given):
        try:
            self(method, *given)
        except self._error as error:
            return self._code_of(error)
        raise AssertionError("it was answered")


def add_calls(session):
    @call("list_tools")
    def list_tools():
        names = [tool["name"] for tool in session("list_tools")["tools"]]
        assert names == ["wait_for_job", "job_status", "cancel_job", "shout", "train_shout"], names

    @call("call_tool")
    def call_tool():
        answer = session.shout(text="hi")
        assert answer["content"] == [{"type": "text", "text": "HI"}], answer
        assert answer["structuredContent"]["output"] == "HI", answer

    @call("call_tool with progress_callback")
    def progress():
        heard = []

        async def on_progress(progress, total, message):
            heard.append((progress, total, message))

        session("call_tool", "shout", {"text": "hey", "pause_ms": 300}, progress_callback=on_progress)
        numbers = [progress for progress, _, _ in heard]
        assert numbers == sorted(set(numbers)), numbers
        assert (numbers[0], numbers[-1]) == (0, 100), numbers

    @call("call_tool with files")
    def files():
        answer = session.shout(**{"file": "data:text/plain;base64,aGV5", "as": "file"})
        [link] = [part for part in answer["content"] if part["type"] == "resource_link"]
        assert urllib.request.urlopen(link["uri"]).read() == b"HEY"
        uri = "millrace://files/" + answer["structuredContent"]["output"]["id"]
        [part] = session("read_resource", uri)["contents"]
        assert part["text"] == "HEY", part

    @call("call_tool, refused")
    def refused():
        answer = session.shout(text=7)
        assert answer["isError"] and "/text: must be string" in answer["content"][0]["text"], answer

    @call("call_tool, failing")
    def failing():
        answer = session.shout(fail=True)
        assert answer["isError"] and "model said no" in answer["content"][0]["text"], answer

    @call("call_tool, unknown")
    def unknown():
        assert session.refused("call_tool", "nothing", {}) == REFUSED

    @call("call_tool, slow: wait, look and cancel")
    def slow():
        kept = session.shout(**SLOW)["structuredContent"]
        assert kept["status"] == "running", kept
        job = {"job_id": kept["job_id"]}
        waited = session("call_tool", "wait_for_job", {**job, "seconds": 0.1})
        assert waited["structuredContent"]["status"] == "running", waited
        seen = session("call_tool", "job_status", job)
        assert seen["structuredContent"]["model"] == "shout", seen
        session("call_tool", "cancel_job", job)
        ended = session("call_tool", "wait_for_job", job)
        assert ended["isError"] and "was canceled" in ended["content"][0]["text"], ended

    @call("list_resources")
    def list_resources():
        [resource] = session("list_resources")["resources"]
        assert resource["uri"] == "millrace://models/shout", resource

    @call("list_resource_templates")
    def list_templates():
        assert len(session("list_resource_templates")["resourceTemplates"]) == 4

    @call("read_resource")
    def read_resource():
        job = session.shout(text="hi")["structuredContent"]["job_id"]
        [part] = session("read_resource", f"millrace://jobs/{job}")["contents"]
        assert json.loads(part["text"])["output"] == "HI", part
        assert session.refused("read_resource", "millrace://jobs/nothing") == REFUSED
