/**
 * Most requests a second Segment's Profile API answers for one space.
 *
 * @see https://www.twilio.com/docs/segment/unify/profile-api/
 */
export const PROFILE_API_REQUESTS_PER_SECOND = 100
/** Most traits in one answer of the Profile API. */
export const PROFILE_TRAITS_LIMIT = 200
/** Most external ids in one answer; more is refused. */
export const PROFILE_EXTERNAL_IDS_LIMIT = 25
/** Events in one answer that we ask for; the API keeps 14 days of them. */
export const PROFILE_EVENTS_LIMIT = 100
/** Longest `include` list we put into a URL, in characters; longer ones are split. */
export const PROFILE_INCLUDE_CHARACTERS = 4_000
/** Users whose profiles are spooled as one file and travel as one chunk. */
export const PROFILE_USERS_PER_CHUNK = 200
