# syntax=docker/dockerfile:1
# Images of the parts: docker build --target server|worker|worker-python|worker-cuda .
# Debian, not Alpine: native parts of models are built for glibc. A model's image is three lines on a worker (docs/deploy.md).

# By digest, that of all platforms: a tag may be given to other bytes. The tag stands beside it for those who read.
ARG NODE_IMAGE=node:22.23.3-bookworm-slim@sha256:c3de60bf2f9dd0ac6370e6117950ff62d6e339527e7472301c9c78a017978392
ARG CUDA_IMAGE=nvidia/cuda:12.8.1-base-ubuntu24.04@sha256:133c78a0575303be34164d0b90137a042172bdf60696af01a3c424ab402d86e2

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY . .
# Exactly the lockfile, no install scripts (.npmrc), no tools for development.
RUN npm ci --omit=dev && npm cache clean --force
# Translated here, so that a container that may not write starts from it as well.
RUN node apps/cli/bin/millrace.mjs version && test -d node_modules/.cache/millrace
# Beside it: where the translations of models go, while an image is built or where a container may write.
RUN install -d -o 65532 -g 65532 "$(echo node_modules/.cache/millrace/*)/models"

# What all images on Debian share.
FROM ${NODE_IMAGE} AS base
ENV NODE_ENV=production HOME=/tmp MILLRACE_DATA_DIR=/data LOG_FORMAT=json
# The number, not a name: an orchestrator that insists on "not root" can't look names up.
# A volume that is mounted on one of them belongs to whom they belong.
RUN install -d -o 65532 -g 65532 /data /data/.cache
COPY --from=build /app /app
WORKDIR /app
USER 65532:65532
ENTRYPOINT ["node", "/app/apps/cli/bin/millrace.mjs"]

FROM base AS server
ENV MILLRACE_HOST=0.0.0.0 MILLRACE_PORT=7070
EXPOSE 7070
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.MILLRACE_PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["api"]

FROM base AS worker
# What models download or compile for themselves goes to the disk: /tmp may be memory, and forbid to execute.
ENV HOME=/data MILLRACE_WORKER_HEALTH_PORT=7071 MILLRACE_MODELS=/app/models/echo,/app/models/ocr
# The models are loaded once here: it proves that they can be, and leaves their translations behind.
RUN node apps/cli/bin/millrace.mjs schema echo && node apps/cli/bin/millrace.mjs schema ocr
EXPOSE 7071
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.MILLRACE_WORKER_HEALTH_PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["worker"]

FROM worker AS worker-python
USER root
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 python3-venv \
  && rm -rf /var/lib/apt/lists/*
USER 65532:65532
ENV MILLRACE_PYTHON=/usr/bin/python3 MILLRACE_MODELS=/app/models/babble

# With the CUDA runtime, for models on NVIDIA GPUs; Python's packages bring the larger libraries themselves.
FROM ${CUDA_IMAGE} AS worker-cuda
ENV NODE_ENV=production HOME=/data MILLRACE_DATA_DIR=/data LOG_FORMAT=json CUDA_CACHE_PATH=/data/.cache/nv
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates libatomic1 libstdc++6 python3 python3-venv \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o 65532 -g 65532 /data /data/.cache
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /app /app
WORKDIR /app
USER 65532:65532
ENV MILLRACE_WORKER_HEALTH_PORT=7071 MILLRACE_SLOTS=cuda:0 MILLRACE_PYTHON=/usr/bin/python3 MILLRACE_MODELS=/app/models/babble
EXPOSE 7071
HEALTHCHECK --interval=5s --timeout=3s --start-period=300s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.MILLRACE_WORKER_HEALTH_PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/apps/cli/bin/millrace.mjs"]
CMD ["worker"]
