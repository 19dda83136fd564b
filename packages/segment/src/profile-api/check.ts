import type { SourceCondition } from '@engage-sync/contract'
import { countOf } from '../source/index.ts'
import { isRefused } from './fetch-profile.ts'
import type { ProfileApi, ProfileKey } from './model.ts'

/** Users asked for at most, to tell a wrong list from one that names somebody unknown. */
const MOST_ASKED = 5

/**
 * Looks whether Segment answers for the first of the listed users. None of their values is asked
 * for.
 *
 * @throws {SourceError} `SOURCE_AUTH`, `SOURCE_UNAVAILABLE`, `SOURCE_REQUEST`, `SOURCE_ANSWER`
 */
export async function checkProfiles(
  api: ProfileApi,
  { type, users }: { readonly type: string; readonly users: readonly string[] },
  signal: AbortSignal,
): Promise<SourceCondition> {
  if (users.length === 0)
    return { message: 'No user is listed', hint: 'Check profile_api.users and profile_api.column.' }
  const listed = `${countOf(users.length, 'user')} listed`
  const asked = users.slice(0, MOST_ASKED)
  for (const id of asked)
    if (await isKnown(api, { type, id }, signal))
      return { message: `${listed}, and Segment answers` }
  return {
    message: `${listed}, and Segment knows none of the first ${asked.length}`,
    hint: 'Check profile_api.id_type, and that segment.space_id and segment.region are those of the users.',
  }
}

async function isKnown(api: ProfileApi, user: ProfileKey, signal: AbortSignal): Promise<boolean> {
  try {
    return (await api.metadata(user, signal)) !== null
  } catch (error) {
    if (isRefused(error, user)) return false
    throw error
  }
}
