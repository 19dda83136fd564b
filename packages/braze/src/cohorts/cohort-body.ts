/** One membership to change, as a cohort body holds it. */
export interface CohortEntry {
  readonly field: 'user_ids' | 'aliases'
  /** An external id, or an alias object. */
  readonly id: unknown
  readonly remove: boolean
}

interface CohortChange {
  readonly user_ids?: readonly unknown[]
  readonly aliases?: readonly unknown[]
  readonly should_remove?: boolean
}

/** The order of entries in a body: additions before removals, external ids before aliases. */
export function compareEntries(a: CohortEntry, b: CohortEntry): number {
  return rankOf(a) - rankOf(b)
}

function rankOf({ field, remove }: CohortEntry): number {
  return (remove ? 2 : 0) + (field === 'aliases' ? 1 : 0)
}

/**
 * The body of a membership call, without the keys.
 *
 * Shape: entries in body order in. At most two change objects, additions first.
 *
 * @see https://www.braze.com/docs/cohort_import/
 */
export function writeCohortBody(cohortId: string, entries: readonly CohortEntry[]): Uint8Array {
  const changes = [false, true].flatMap((remove): CohortChange[] => {
    const idsOf = (field: CohortEntry['field']) =>
      entries
        .filter((entry) => entry.remove === remove && entry.field === field)
        .map(({ id }) => id)
    const userIds = idsOf('user_ids')
    const aliases = idsOf('aliases')
    if (userIds.length + aliases.length === 0) return []
    return [
      {
        ...(userIds.length > 0 ? { user_ids: userIds } : {}),
        ...(aliases.length > 0 ? { aliases } : {}),
        ...(remove ? { should_remove: true } : {}),
      },
    ]
  })
  return Buffer.from(JSON.stringify({ cohort_id: cohortId, cohort_changes: changes }))
}

/** The cohort and entries of a body that `writeCohortBody` made, in body order. */
export function readCohortBody(body: Uint8Array): {
  readonly cohortId: string
  readonly entries: readonly CohortEntry[]
} {
  const { cohort_id: cohortId, cohort_changes: changes } = JSON.parse(
    Buffer.from(body).toString('utf8'),
  ) as {
    readonly cohort_id: string
    readonly cohort_changes: readonly CohortChange[]
  }
  const entries = changes.flatMap(
    ({ user_ids: userIds = [], aliases = [], should_remove: remove = false }) => [
      ...userIds.map((id): CohortEntry => ({ field: 'user_ids', id, remove })),
      ...aliases.map((id): CohortEntry => ({ field: 'aliases', id, remove })),
    ],
  )
  return { cohortId, entries }
}
