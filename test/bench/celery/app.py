"""The API that a team glues before Celery: submit, and read a job by its id."""
from celery.result import AsyncResult
from fastapi import FastAPI
from pydantic import BaseModel
from tasks import celery, noop


class Input(BaseModel):
    text: str


class JobRequest(BaseModel):
    input: Input


app = FastAPI()


@app.post("/jobs", status_code=202)
def submit(request: JobRequest):
    return {"id": noop.delay(request.input.model_dump()).id, "status": "queued"}


@app.get("/jobs/{id}")
def read(id: str):
    result = AsyncResult(id, app=celery)
    done = result.successful()
    return {"id": id, "status": "succeeded" if done else "queued", "output": result.result if done else None}
