// All images for all kinds of machine, each with its list of packages (SBOM) and where it came from:
//
//   docker buildx bake -f docker-bake.hcl                server, worker and worker-python, for amd64 and arm64
//   docker buildx bake -f docker-bake.hcl all --push     worker-cuda too, and all of them to REGISTRY
//   docker buildx bake -f docker-bake.hcl --print        only says what it would do
//
// The file is named because bake would read docker-compose.yml as well, which wants its passwords. docs/deploy.md says more.

variable "REGISTRY" { default = "" }
variable "VERSION" { default = "0.1.0" }
variable "REVISION" { default = "unknown" }

group "default" { targets = ["server", "worker", "worker-python"] }
group "all" { targets = ["default", "worker-cuda"] }

target "part" {
  context   = "."
  platforms = ["linux/amd64", "linux/arm64"]
  args      = { VERSION = VERSION, REVISION = REVISION }
  attest    = ["type=sbom", "type=provenance,mode=max"]
}

target "server" {
  inherits = ["part"]
  target   = "server"
  tags     = ["${REGISTRY}millrace-server:${VERSION}"]
}

target "worker" {
  inherits = ["part"]
  target   = "worker"
  tags     = ["${REGISTRY}millrace-worker:${VERSION}"]
}

target "worker-python" {
  inherits = ["part"]
  target   = "worker-python"
  tags     = ["${REGISTRY}millrace-worker-python:${VERSION}"]
}

target "worker-cuda" {
  inherits = ["part"]
  target   = "worker-cuda"
  tags     = ["${REGISTRY}millrace-worker-cuda:${VERSION}"]
}
