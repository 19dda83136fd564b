import type { Report } from '@engage-sync/core'
import type { Dump } from './world.ts'

/**
 * Everything that must be equal whatever happened on the way: attributes, memberships, names;
 * events apart.
 */
export function withoutEvents({ users, cohorts }: Dump): unknown {
  const plain = users.map((user) => ({ ...user, custom_events: null }))
  return { users: plain.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)), cohorts }
}

/** External ids before aliases; a user may have both. */
function nameOf({
  external_id: id,
  user_aliases: aliases,
}: Pick<Dump['users'][number], 'external_id' | 'user_aliases'>): string {
  return id ?? aliases.join()
}

/** How many events one side has more of than the other, over all users and names; never both. */
export function eventDifference(
  dump: Dump,
  clean: Dump,
): { readonly more: number; readonly fewer: number } {
  const counts = (of: Dump) =>
    new Map(
      of.users.flatMap((user) =>
        user.custom_events.map(({ name, count }) => [`${nameOf(user)} ${name}`, count]),
      ),
    )
  const found = counts(dump)
  const wanted = counts(clean)
  let more = 0
  let fewer = 0
  for (const key of new Set([...found.keys(), ...wanted.keys()])) {
    const difference = (found.get(key) ?? 0) - (wanted.get(key) ?? 0)
    if (difference > 0) more += difference
    else fewer -= difference
  }
  return { more, fewer }
}

/** What the reports say of marked events, added up. */
export function recoveredOf(reports: readonly Report[]): Report['recovered'] {
  const sum = (of: (recovered: Report['recovered']) => number) =>
    reports.reduce((total, { recovered }) => total + of(recovered), 0)
  return {
    repeated: sum(({ repeated }) => repeated),
    skipped: sum(({ skipped }) => skipped),
    verified: sum(({ verified }) => verified),
  }
}

/** Whether the classes of every report add up to the records it read, and nothing is left. */
export function addsUp({ records, braze }: Report): boolean {
  const { read, ...classes } = records
  return (
    Object.values(classes).reduce((sum, count) => sum + count, 0) === read && braze.pending === 0
  )
}
