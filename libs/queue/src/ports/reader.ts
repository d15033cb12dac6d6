/**
 * On whose behalf something is read: a tenant's, or that of the bearer of a signed address, which names the one thing that it
 * opens. Every read that a request asks for takes one, so that to forget the tenant does not compile.
 */
export type Reader = { tenant: string } | 'signed'
