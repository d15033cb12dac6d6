"""The no-op behind Ray Serve: one request, one answer, a replica per slot."""
import os
import sys
import time

import noop
import ray
from fastapi import FastAPI
from pydantic import BaseModel
from ray import serve

slots = int(os.environ["BENCH_SLOTS"])
app = FastAPI()


class Input(BaseModel):
    text: str
    ms: int = 0


class JobRequest(BaseModel):
    input: Input


@serve.deployment(num_replicas=slots, max_ongoing_requests=5, ray_actor_options={"num_cpus": 0.1})
@serve.ingress(app)
class Noop:
    @app.post("/predict")
    def predict(self, request: JobRequest):
        return {"status": "succeeded", "output": noop.run(request.input.model_dump())}


if __name__ == "__main__":
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])})
    serve.run(Noop.bind())
    print("serving", flush=True)
    while True:
        time.sleep(60)
