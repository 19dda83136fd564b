export { PROFILE_API_URLS, createProfileApi, type ProfileApiOptions } from './profile-api/client.ts'
export type {
  EventsQuery,
  ProfileApi,
  ProfileEvent,
  ProfileExternalId,
  ProfileKey,
  ProfileMetadata,
  ProfileTrait,
  TraitsQuery,
} from './profile-api/model.ts'
export { createPacer, type Pacer } from './profile-api/pacer.ts'
export { createProfileApiSource, type ProfileApiSourceOptions } from './profile-api/source.ts'
export { readUserFile, type UserFile } from './profile-api/users.ts'
