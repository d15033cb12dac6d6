/**
 * Which tests prove files that no module names one by one: scripts and programs in other languages, and pages. Called by
 * need-graph.ts. A row is a place of files, and the places of their tests.
 */
export const KIN: readonly { files: RegExp; tests: RegExp }[] = [
  {
    files: /^libs\/queue\/src\/scripts\/((jobs|models|purge|handout|lines)\/.*|\w+)\.lua$/,
    tests: /^test\/contract\/queue\/(queue|upkeep)\./,
  },
  { files: /^libs\/queue\/src\/scripts\/upgrade\/.*\.lua$/, tests: /^test\/contract\/queue\/(former-layout|upkeep)\./ },
  { files: /^libs\/queue\/src\/scripts\/(files|purge)\/.*\.lua$/, tests: /^test\/contract\/files\// },
  { files: /^libs\/queue\/src\/scripts\/webhooks\/.*\.lua$/, tests: /^test\/contract\/webhooks\// },
  { files: /^apps\/runner\/python\//, tests: /^test\/(python|contract\/runner)\/(?!.*\.node\.)/ },
  { files: /^(docs\/|[A-Z]+\.md$|\.env\.example$)/, tests: /^test\/contract\/generated\./ },
  // They read the whole house.
  { files: /./, tests: /^test\/architecture\/laws\./ },
]
