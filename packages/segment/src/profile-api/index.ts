/** Segment's Profile API: a client, and a source of listed users. */
export { createProfileApi, PROFILE_API_URLS } from './client.ts'
export type { ProfileApiOptions } from './client.ts'
export type {
  EventsQuery,
  ProfileApi,
  ProfileEvent,
  ProfileExternalId,
  ProfileKey,
  ProfileMetadata,
  ProfileTrait,
  TraitsQuery,
} from './model.ts'
export { createPacer } from './pacer.ts'
export type { Pacer } from './pacer.ts'
export { createProfileApiSource } from './source.ts'
export type { ProfileApiSourceOptions } from './source.ts'
export { readUserFile } from './users.ts'
export type { UserFile } from './users.ts'
