/**
 * Stored profiles, written as the calls Engage would send for them, so that they are decoded like
 * events.
 */
export { profileRecords } from './profile-record.ts'
export type { ProfileKeys, ProfileValue } from './profile-record.ts'
