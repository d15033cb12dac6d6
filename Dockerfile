# syntax=docker/dockerfile:1
# One image for API and worker. Debian, not Alpine: native parts of models are built for glibc.

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY . .
# Exactly the lockfile, no install scripts (.npmrc), no tools for development.
RUN npm ci --omit=dev
# Translated here, so that a container that may not write starts from it as well.
RUN node apps/cli/bin/millrace.mjs version && test -d node_modules/.cache/millrace

FROM node:22-bookworm-slim
ENV NODE_ENV=production MILLRACE_DATA_DIR=/data MILLRACE_HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app /app
# Beside the data: where the runners keep their models' translations. In a read-only container they do without.
RUN install -d -o node -g node /data "$(echo node_modules/.cache/millrace/*)/models"
USER node
VOLUME /data
EXPOSE 7070
ENTRYPOINT ["node", "apps/cli/bin/millrace.mjs"]
CMD ["api"]
