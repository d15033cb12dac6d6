"""Starts Cog's server as its images do, at the port that it is given."""
import os
import runpy
import sys

os.environ["PORT"] = sys.argv.pop(1)
os.environ["COG_MAX_CONCURRENCY"] = os.environ["BENCH_SLOTS"]
os.environ["COG_PREDICT_TYPE_STUB"] = "cog_predict.py:Predictor"
sys.argv += ["--host", "127.0.0.1"]
runpy.run_module("cog.server.http", run_name="__main__")
