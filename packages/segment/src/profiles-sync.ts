export { createProfilesSyncSource, type ProfilesSyncOptions } from './profiles-sync/source.ts'
export type { ProfileKeys } from './profile-record.ts'
