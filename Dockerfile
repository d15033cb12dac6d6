# Images of the parts: docker build --target server|worker|worker-python|worker-cuda .
# docker-bake.hcl builds all of them, for amd64 and arm64.
# Debian, not Alpine: native parts of models are built for glibc. A model's image is three lines on a worker (docs/deploy.md).

# By digest, that of all platforms: a tag may be given to other bytes. The tag stands beside it for those who read.
ARG NODE_IMAGE=node:22.23.3-bookworm-slim@sha256:c3de60bf2f9dd0ac6370e6117950ff62d6e339527e7472301c9c78a017978392
ARG CUDA_IMAGE=nvidia/cuda:12.8.1-base-ubuntu24.04@sha256:133c78a0575303be34164d0b90137a042172bdf60696af01a3c424ab402d86e2

# What was built, and of what commit.
ARG VERSION=0.1.0
ARG REVISION=unknown

FROM ${NODE_IMAGE} AS source
WORKDIR /app
COPY . .

# For the API: without models, and without the packages that only models need. The lockfile goes as well, for it lists those.
# In both: exactly the lockfile, no install scripts (.npmrc), no tools for development, and a list of all packages (CycloneDX).
FROM source AS build-server
ARG VERSION
RUN npm ci --omit=dev --workspace apps/cli --cache /tmp/npm \
  && npm pkg delete devDependencies --workspaces --include-workspace-root \
  && npm pkg delete workspaces && npm pkg set version=${VERSION} 'workspaces[]=libs/*' 'workspaces[]=apps/*' \
  && rm -rf /tmp/npm models test package-lock.json \
  && npm sbom --sbom-format=cyclonedx --sbom-type=application > sbom.cdx.json
# Translated here, so that a container that may not write starts from it as well.
RUN node apps/cli/bin/millrace.mjs version && test -d node_modules/.cache/millrace

FROM source AS build
ARG VERSION
RUN npm ci --omit=dev --cache /tmp/npm && rm -rf /tmp/npm \
  && npm pkg delete devDependencies --workspaces --include-workspace-root && npm pkg set version=${VERSION} \
  && npm sbom --sbom-format=cyclonedx --sbom-type=application > sbom.cdx.json
RUN node apps/cli/bin/millrace.mjs version && test -d node_modules/.cache/millrace
# Beside it: where the translations of models go, while an image is built or where a container may write.
RUN install -d -o 65532 -g 65532 "$(echo node_modules/.cache/millrace/*)/models"

# What all images on Debian share.
FROM ${NODE_IMAGE} AS base
ENV NODE_ENV=production HOME=/tmp MILLRACE_DATA_DIR=/data LOG_FORMAT=json
# The number, not a name: an orchestrator that insists on "not root" can't look names up.
# A volume that is mounted on one of them belongs to whom they belong.
# `docker compose exec api millrace doctor`: by the name that its texts tell.
RUN install -d -o 65532 -g 65532 /data /data/.cache && ln -s /app/apps/cli/bin/millrace.mjs /usr/local/bin/millrace
WORKDIR /app
USER 65532:65532
ENTRYPOINT ["node", "/app/apps/cli/bin/millrace.mjs"]

FROM base AS server
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="Millrace server" org.opencontainers.image.description="The API of Millrace; it runs no model." \
  org.opencontainers.image.licenses="Apache-2.0" org.opencontainers.image.version="${VERSION}" org.opencontainers.image.revision="${REVISION}"
COPY --from=build-server /app /app
ENV MILLRACE_HOST=0.0.0.0 MILLRACE_PORT=7070
EXPOSE 7070
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.MILLRACE_PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["api"]

FROM base AS worker
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="Millrace worker" org.opencontainers.image.description="Runs models in TypeScript and JavaScript for Millrace." \
  org.opencontainers.image.licenses="Apache-2.0" org.opencontainers.image.version="${VERSION}" org.opencontainers.image.revision="${REVISION}"
COPY --from=build /app /app
# What models download or compile for themselves goes to the disk: /tmp may be memory, and forbid to execute.
ENV HOME=/data MILLRACE_WORKER_HEALTH_PORT=7071 MILLRACE_MODELS=/app/models/echo,/app/models/ocr
# The models are loaded once here: it proves that they can be, and leaves their translations behind.
RUN node apps/cli/bin/millrace.mjs schema echo && node apps/cli/bin/millrace.mjs schema ocr
EXPOSE 7071
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.MILLRACE_WORKER_HEALTH_PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["worker"]

FROM worker AS worker-python
LABEL org.opencontainers.image.title="Millrace worker for Python" org.opencontainers.image.description="Runs models in Python, TypeScript and JavaScript for Millrace."
USER root
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 python3-venv \
  && rm -rf /var/lib/apt/lists/*
USER 65532:65532
ENV MILLRACE_PYTHON=/usr/bin/python3 MILLRACE_MODELS=/app/models/babble

# With the CUDA runtime, for models on NVIDIA GPUs; Python's packages bring the larger libraries themselves.
FROM ${CUDA_IMAGE} AS worker-cuda
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="Millrace worker for NVIDIA GPUs" org.opencontainers.image.description="Runs models in Python, TypeScript and JavaScript on CUDA for Millrace." \
  org.opencontainers.image.licenses="Apache-2.0" org.opencontainers.image.version="${VERSION}" org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production HOME=/data MILLRACE_DATA_DIR=/data LOG_FORMAT=json CUDA_CACHE_PATH=/data/.cache/nv
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates libatomic1 libstdc++6 python3 python3-venv \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o 65532 -g 65532 /data /data/.cache && ln -s /app/apps/cli/bin/millrace.mjs /usr/local/bin/millrace
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
