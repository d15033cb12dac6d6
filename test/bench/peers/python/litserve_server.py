"""The no-op behind LitServe: one request, one answer, eight workers."""
import os
import sys

import litserve
import noop


class Noop(litserve.LitAPI):
    def setup(self, device):
        pass

    def decode_request(self, request):
        return {"ms": 0, **request["input"]}

    def predict(self, data):
        return noop.run(data)

    def encode_response(self, output):
        return {"status": "succeeded", "output": output}


if __name__ == "__main__":
    workers = int(os.environ["BENCH_SLOTS"])
    server = litserve.LitServer(Noop(), accelerator="cpu", workers_per_device=workers, timeout=120)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="info")
