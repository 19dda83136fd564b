import type { CohortMember, PackedRequest, RequestPart } from '@engage-sync/contract'
import { aliasObject, userKey } from '../identity/index.ts'
import { LIMITS } from '../limits.ts'
import { compareEntries, writeCohortBody } from './cohort-body.ts'
import type { CohortEntry } from './cohort-body.ts'

/** Cohort bodies stay this far below the limit, for the keys that join them when they leave. */
const KEY_BYTES = 16_384

/** Members of one cohort request by what they need. */
interface Group {
  readonly members: CohortMember[]
  readonly users: Set<string>
  bytes: number
}

/**
 * Packs the membership changes of one cohort: at most 1,000 ids of all kinds a request, no user
 * twice in one.
 *
 * Shape: changes in; requests out, each `after` the one before. In a body additions stand before
 * removals, external ids before aliases. A user that comes twice gets a later request for its
 * second change, so its changes keep their order. Bodies hold no keys; those join when a request
 * leaves.
 *
 * @see https://www.braze.com/docs/cohort_import/
 */
export function packCohort(
  cohortId: string,
  members: readonly CohortMember[],
  place: { readonly path: string; readonly nextId: () => number },
): readonly PackedRequest[] {
  const requests: PackedRequest[] = []
  for (const group of groupsOf(members)) {
    requests.push({
      ...contentOf(cohortId, group),
      id: place.nextId(),
      path: place.path,
      needsMark: false,
      after: requests.at(-1)?.id ?? null,
    })
  }
  return requests
}

function groupsOf(members: readonly CohortMember[]): readonly Group[] {
  const groups: Group[] = []
  for (const member of members) {
    const user = userKey(member.user)
    const bytes = Buffer.byteLength(JSON.stringify(entryOf(member).id)) + 1
    const last = groups.at(-1)
    const fits =
      last !== undefined &&
      last.members.length < LIMITS.cohortIds &&
      !last.users.has(user) &&
      last.bytes + bytes <= LIMITS.bodyBytes - KEY_BYTES
    const group = fits ? last : { members: [], users: new Set<string>(), bytes: 0 }
    if (!fits) groups.push(group)
    group.members.push(member)
    group.users.add(user)
    group.bytes += bytes
  }
  return groups
}

/** The parts in body order, and the body. */
function contentOf(
  cohortId: string,
  { members }: Group,
): { readonly body: Uint8Array; readonly parts: readonly RequestPart[] } {
  const placed = members
    .map((member) => ({
      entry: entryOf(member),
      part: { update: member.update, kind: 'membership', ref: member.ref } satisfies RequestPart,
    }))
    .sort((a, b) => compareEntries(a.entry, b.entry))
  return {
    body: writeCohortBody(
      cohortId,
      placed.map(({ entry }) => entry),
    ),
    parts: placed.map(({ part }) => part),
  }
}

function entryOf({ user, member }: CohortMember): CohortEntry {
  if ('externalId' in user) return { field: 'user_ids', id: user.externalId, remove: !member }
  return { field: 'aliases', id: aliasObject(user.alias), remove: !member }
}
