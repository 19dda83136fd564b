import { writeSource } from '@engage-sync/contract'
import type { ComputationKind, Json, SourceJson } from '@engage-sync/contract'

/** One value of a profile, as it is now. */
export interface ProfileValue {
  readonly kind: Exclude<ComputationKind, 'enrichment'>
  readonly key: string
  readonly value: Json
  /** When it became so: ISO 8601 with a zone. */
  readonly timestamp: string
}

/** An identifier of a profile, oldest first within a type. */
export interface ProfileIdentifier {
  readonly type: string
  readonly id: string
}

/**
 * Which computations to read from profiles. Their names decide what is an audience: stored profiles
 * do not say.
 */
export interface ProfileKeys {
  readonly traits: readonly string[]
  readonly audiences: readonly string[]
}

/**
 * Writes a profile's values as the identify calls Engage would send for them: one JSON text per
 * value.
 *
 * Shape: `{type, userId?, anonymousId?, timestamp, context: {personas: {computation_class,
 * computation_key}, externalIds}, traits}`. A profile with several user ids gives one call per user
 * id, as Engage's own fan-out does; the newest other identifiers go along.
 *
 * @see https://www.twilio.com/docs/segment/engage/using-engage-data/
 */
export function profileRecords(
  identifiers: readonly ProfileIdentifier[],
  values: readonly ProfileValue[],
): readonly string[] {
  const userIds = identifiers.filter(({ type }) => type === 'user_id').map(({ id }) => id)
  const others = identifiers.filter(({ type }) => type !== 'user_id')
  const people = userIds.length === 0 ? [undefined] : userIds
  return people.flatMap((userId) => recordsOf(userId, others, values))
}

function recordsOf(
  userId: string | undefined,
  others: readonly ProfileIdentifier[],
  values: readonly ProfileValue[],
): readonly string[] {
  const anonymousId = newest(others, 'anonymous_id')
  const email = newest(others, 'email')
  const externalIds = others
    .toReversed()
    .map(({ type, id }) => ({ id, type, collection: 'users', encoding: 'none' }))
  return values.map(({ kind, key, value, timestamp }) =>
    writeSource({
      type: 'identify',
      userId,
      anonymousId,
      timestamp,
      context: {
        personas: { computation_class: kind, computation_key: key },
        // In `context`, not `traits`: a trait beside the computation would count as enrichment.
        traits: email === undefined ? undefined : { email },
        externalIds: externalIds.length === 0 ? undefined : externalIds,
      },
      traits: ownMember(key, value),
    } as unknown as SourceJson),
  )
}

/** An object with one own member, whatever its name: `__proto__` is data too. */
function ownMember(key: string, value: Json): object {
  return Object.defineProperty({}, key, { value, enumerable: true })
}

function newest(identifiers: readonly ProfileIdentifier[], type: string): string | undefined {
  return identifiers.findLast((identifier) => identifier.type === type)?.id
}
