import type { Outcome, PackedRequest } from '@engage-sync/core'

/** A part of a request, as far as it is about a user. */
export interface UserPart {
  readonly user: string
  /** What of the body it is; nothing of keys and secrets beside it. */
  readonly object: unknown
  /** Its place among the parts, for its answer; null where that is not known. */
  readonly part: number | null
}

interface Body {
  readonly attributes?: readonly unknown[]
  readonly events?: readonly unknown[]
  readonly cohort_id?: unknown
  readonly cohort_changes?: readonly {
    readonly user_ids?: readonly unknown[]
    readonly aliases?: readonly unknown[]
    readonly should_remove?: boolean
  }[]
  readonly subscription_groups?: readonly { readonly external_ids?: readonly unknown[] }[]
}

/** The parts of a request that are about users with an external id, in body order. */
export function userParts({ body, parts }: PackedRequest): readonly UserPart[] {
  const {
    attributes = [],
    events = [],
    ...rest
  } = JSON.parse(new TextDecoder().decode(body)) as Body
  const places = { attributes: placesOf(parts, 'attributes'), event: placesOf(parts, 'event') }
  return [
    ...attributes.flatMap((object, at) => ofUser(object, places.attributes[at] ?? null)),
    ...events.flatMap((object, at) => ofUser(object, places.event[at] ?? null)),
    ...cohortParts(rest),
    ...(rest.subscription_groups ?? []).flatMap((object) =>
      textsOf(object.external_ids ?? []).map((user) => ({ user, object, part: null })),
    ),
  ]
}

function placesOf(parts: PackedRequest['parts'], kind: string): readonly number[] {
  return parts.flatMap((part, at) => (part.kind === kind ? [at] : []))
}

function ofUser(object: unknown, part: number | null): readonly UserPart[] {
  const { external_id: user } = object as { readonly external_id?: unknown }
  return typeof user === 'string' ? [{ user, object, part }] : []
}

/** Users in the order of the changes, which is that of the parts. */
function cohortParts({ cohort_id: id, cohort_changes: changes = [] }: Body): readonly UserPart[] {
  let part = 0
  return changes.flatMap(
    ({ user_ids: users = [], aliases = [], should_remove: leaves = false }) => {
      const first = part
      part += users.length + aliases.length
      return users.flatMap((user, at) =>
        typeof user === 'string'
          ? [{ user, object: { cohort_id: id, user_id: user, member: !leaves }, part: first + at }]
          : [],
      )
    },
  )
}

function textsOf(list: readonly unknown[]): readonly string[] {
  return list.filter((item) => typeof item === 'string')
}

/** What Braze said of a part, in words. */
export function answerText(outcomes: readonly Outcome[], part: number | null): string {
  const outcome = part === null ? (outcomes.find(isTrouble) ?? outcomes[0]) : outcomes[part]
  if (outcome === undefined) return 'answered'
  if (outcome.status === 'delivered') return 'accepted'
  return outcome.status === 'rejected'
    ? `rejected: ${outcome.rejection.code} ${outcome.rejection.message}`
    : `${outcome.status}: ${outcome.reason}`
}

function isTrouble({ status }: Outcome): boolean {
  return status !== 'delivered'
}
