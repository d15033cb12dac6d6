/**
 * Which tests prove files that no module names one by one: scripts and programs in other languages, and pages. Called by
 * need-graph.ts. A row is a place of files, and the places of their tests.
 */
export const KIN: readonly { files: RegExp; tests: RegExp }[] = [
  {
    files:
      /^libs\/queue\/src\/scripts\/((jobs|models|purge|handout|lines|shares|writes|log|checkpoints)\/.*|\w+)\.lua$/,
    tests: /^test\/contract\/queue\/(queue|upkeep)\./,
  },
  {
    files: /^libs\/queue\/src\/scripts\/checkpoints\/.*\.lua$/,
    tests: /^test\/contract\/(queue\/checkpoints\.|erasures\/)/,
  },
  { files: /^libs\/queue\/src\/scripts\/search\/.*\.lua$/, tests: /^test\/contract\/queue\/(search|cancellations)\./ },
  { files: /^libs\/queue\/src\/scripts\/upgrade\/.*\.lua$/, tests: /^test\/contract\/queue\/(former-layout|upkeep)\./ },
  {
    files: /^libs\/queue\/src\/scripts\/steering\/.*\.lua$/,
    tests: /^test\/contract\/queue\/(steering|versions|upkeep)\./,
  },
  {
    files: /^libs\/queue\/src\/scripts\/workers\/.*\.lua$/,
    tests: /^test\/contract\/queue\/(workers|waiting\/place)\./,
  },
  {
    files: /^libs\/queue\/src\/scripts\/access\/.*\.lua$/,
    tests: /^(apps\/api\/src\/keys\/|test\/e2e\/api\/revoked-key\.)/,
  },
  {
    files: /^libs\/queue\/src\/scripts\/audit\/.*\.lua$/,
    tests: /^(test\/contract\/queue\/audit\.|apps\/api\/src\/audit\/)/,
  },
  {
    files: /^libs\/queue\/src\/scripts\/actions\/.*\.lua$/,
    tests: /^(test\/contract\/actions\/|apps\/api\/src\/actions\/)/,
  },
  {
    files: /^libs\/queue\/src\/scripts\/batches\/.*\.lua$/,
    tests: /^(apps\/api\/src\/(batches|http)\/|test\/e2e\/faults\/batch-|test\/contract\/isolation\/)/,
  },
  {
    files: /^libs\/queue\/src\/scripts\/repeats\/.*\.lua$/,
    tests: /^(apps\/api\/src\/dialects\/repeats\.|test\/stack\/several-processes\.)/,
  },
  {
    files: /^libs\/queue\/src\/scripts\/erasures\/.*\.lua$/,
    tests: /^test\/(contract\/erasures\/|e2e\/api\/erasure\.)/,
  },
  {
    files: /^libs\/queue\/src\/scripts\/(usage|minutes)\/.*\.lua$/,
    tests: /^(apps\/api\/src\/usage\/usage-routes\.|test\/contract\/queue\/job-record\.)/,
  },
  { files: /^libs\/queue\/src\/scripts\/(files|purge)\/.*\.lua$/, tests: /^test\/contract\/files\// },
  { files: /^libs\/queue\/src\/scripts\/webhooks\/.*\.lua$/, tests: /^test\/contract\/webhooks\// },
  { files: /^apps\/runner\/python\//, tests: /^test\/(python|contract\/runner)\/(?!.*\.node\.)/ },
  { files: /^(docs\/|[A-Z]+\.md$|\.env\.example$)/, tests: /^(test\/contract\/generated|scripts\/docs\/build-site)\./ },
  { files: /^scripts\/docs\/browser\//, tests: /^test\/browser\/site\./ },
  { files: /^(deploy\/(grafana|prometheus)\/|docs\/metrics\.md$)/, tests: /^test\/boards\// },
  {
    files: /^(deploy\/(helm|kubernetes|systemd)|test\/deploy)\//,
    tests: /^(test\/deploy\/|apps\/api\/src\/queues\/scale-routes\.)/,
  },
  // They read the whole house.
  { files: /./, tests: /^test\/architecture\/laws\./ },
]
