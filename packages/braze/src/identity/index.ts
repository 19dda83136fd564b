/** Who an object is about: identifiers as Braze writes them, and a user as one text. */
export { userKey } from './user-key.ts'
export { aliasObject, userMembers } from './user-members.ts'
