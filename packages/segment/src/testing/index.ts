/**
 * testing: Segment's services on this machine, for the tests of who reads from them.
 *
 * Servers and tables with the documented behaviour. They share no code with what reads from them,
 * so that they are able to disagree.
 */
export { startFakeProfileApi } from './fake-profile-api.ts'
export type {
  FakeFault,
  FakeProfile,
  FakeProfileApi,
  FakeProfileApiOptions,
} from './fake-profile-api.ts'
export { startFakePublicApi } from './fake-public-api.ts'
export type { FakePublicApi, FakePublicApiOptions, FakeWorkspace } from './fake-public-api.ts'
export { createProfilesSyncTables } from './profiles-sync-tables.ts'
export type { IdentifierRow, ProfilesSyncTables, RunSql, TraitRow } from './profiles-sync-tables.ts'
export type { Listening } from './listen.ts'
