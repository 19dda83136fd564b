import type { Rejection } from '@engage-sync/contract'
import { profileRecords } from '../profiles/index.ts'
import type { ProfileKeys, ProfileValue } from '../profiles/index.ts'
import { SourceRequestError, SourceUnavailableError } from '../remote/index.ts'
import type { ProfileApi, ProfileExternalId, ProfileKey, ProfileTrait } from './model.ts'

/** What to read of each profile. */
export interface ProfileWish {
  /** Without it, all audiences and computed traits, in two requests a user instead of one. */
  readonly keys: ProfileKeys | null
  /** Whether identifiers are asked for too: one request more a user. */
  readonly externalIds: boolean
  /**
   * Whether a wanted key that the profile lacks becomes a null, so that lost exits and unset traits
   * are found.
   */
  readonly absent: 'ignore' | 'null'
}

/** A profile as records, or why there are none. */
export type FetchedProfile =
  { readonly records: readonly string[] } | { readonly rejection: Rejection }

interface Traits {
  readonly traits: ReadonlyMap<string, ProfileTrait>
  readonly audiences: ReadonlyMap<string, ProfileTrait>
}

const NOT_FOUND: FetchedProfile = {
  rejection: { code: 'PROFILE_NOT_FOUND', message: 'Segment has no profile for this identifier.' },
}
const REFUSED: FetchedProfile = {
  rejection: {
    code: 'PROFILE_REFUSED',
    message: 'The Profile API refuses this identifier; check its type and its characters.',
  },
}
/** Identifiers of other characters can make the API fail with HTTP 500 instead of 404. */
const COMMON_IDENTIFIER = /^[A-Za-z0-9._@+-]+$/u

/**
 * Ask for one user's profile.
 *
 * Shape: its records, empty when it has no wanted value; a rejection when there is no profile or
 * its identifier is refused. What concerns all users (credentials, no connection) is thrown.
 *
 * @param asOf - ISO 8601; the time of values whose own is unknown, and of nulls for absent ones
 */
export async function fetchProfile(
  api: ProfileApi,
  { user, ...wish }: ProfileWish & { readonly user: ProfileKey; readonly asOf: string },
  signal: AbortSignal,
): Promise<FetchedProfile> {
  try {
    const found = await readTraits(api, { user, keys: wish.keys }, signal)
    if (found === null) return NOT_FOUND
    const externalIds = wish.externalIds ? await api.externalIds(user, signal) : []
    if (externalIds === null) return NOT_FOUND
    const values = [
      ...valuesOf('audience', found.audiences, wish),
      ...valuesOf('trait', found.traits, wish),
    ]
    return { records: profileRecords(identifiersOf(user, externalIds), values) }
  } catch (error) {
    if (isRefused(error, user)) return REFUSED
    throw error
  }
}

/** Whether a failure concerns this identifier alone. */
export function isRefused(error: unknown, user: ProfileKey): boolean {
  if (error instanceof SourceRequestError) return error.status === 400 || error.status === 422
  return (
    error instanceof SourceUnavailableError &&
    error.status === 500 &&
    !COMMON_IDENTIFIER.test(user.id)
  )
}

async function readTraits(
  api: ProfileApi,
  { user, keys }: Pick<ProfileWish, 'keys'> & { readonly user: ProfileKey },
  signal: AbortSignal,
): Promise<Traits | null> {
  if (keys !== null) {
    const all = await api.traits(
      user,
      { include: [...new Set([...keys.audiences, ...keys.traits])] },
      signal,
    )
    return all === null
      ? null
      : { audiences: pick(all, keys.audiences), traits: pick(all, keys.traits) }
  }
  const audiences = await api.traits(user, { class: 'audience' }, signal)
  const traits =
    audiences === null ? null : await api.traits(user, { class: 'computed_trait' }, signal)
  return audiences === null || traits === null ? null : { audiences, traits }
}

function pick(
  all: ReadonlyMap<string, ProfileTrait>,
  names: readonly string[],
): ReadonlyMap<string, ProfileTrait> {
  return new Map(
    names.flatMap((name) => {
      const trait = all.get(name)
      return trait === undefined ? [] : [[name, trait] as const]
    }),
  )
}

function valuesOf(
  kind: 'trait' | 'audience',
  found: Traits['traits'],
  wish: ProfileWish & { readonly asOf: string },
): readonly ProfileValue[] {
  const values = [...found].map(([key, { value, updatedAt }]) => ({
    kind,
    key,
    value,
    timestamp: updatedAt ?? wish.asOf,
  }))
  if (wish.absent === 'ignore' || wish.keys === null) return values
  const missing = (kind === 'audience' ? wish.keys.audiences : wish.keys.traits).filter(
    (key) => !found.has(key),
  )
  return [...values, ...missing.map((key) => ({ kind, key, value: null, timestamp: wish.asOf }))]
}

/**
 * Oldest first; the identifier the user was asked for by stands for its type when the API was not
 * asked for more.
 */
function identifiersOf(
  user: ProfileKey,
  externalIds: readonly ProfileExternalId[],
): readonly ProfileKey[] {
  const sorted = externalIds.toSorted((left, right) =>
    (left.createdAt ?? '').localeCompare(right.createdAt ?? ''),
  )
  const known = sorted.map(({ type, id }) => ({ type, id }))
  return known.some(({ type }) => type === user.type) ? known : [...known, user]
}
