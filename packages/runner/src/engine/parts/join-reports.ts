import { itemAt } from '@engage-sync/core'
import type { MappingReport, Report, SyncReport } from '@engage-sync/core'
import { addNumbers } from './join-plans.ts'

/** What is told by each part, though it is so once. */
const ONCE: ReadonlySet<string> = new Set(['SOURCE_NOT_SWEPT'])

/**
 * The figures of a run, of those of its parts; everything else is as in the first.
 *
 * @param reports - one at least
 * @param members - of memberships that change, at the run's start, by mapping
 */
export function joinReports(
  reports: readonly Report[],
  members: ReadonlyMap<string, number>,
): Report {
  const first = itemAt(reports, 0)
  const forgotten = reports.flatMap((report) => report.forgotten ?? [])
  const rounds = reports.flatMap((report) => report.rounds ?? [])
  const { forgotten: _, rounds: _rounds, mappings: _mappings, ...rest } = first
  return {
    ...rest,
    ...joinSyncs(reports),
    sync: first.sync,
    rejected: added(reports.map(({ rejected }) => rejected)),
    users: added(reports.map(({ users }) => users)),
    recovered: added(reports.map(({ recovered }) => recovered)),
    reasons: joinReasons(reports),
    unmapped: joinUnmapped(reports),
    ...(forgotten.length > 0 && { forgotten: added(forgotten) }),
    ...(rounds.length > 0 && {
      rounds: {
        ...added(rounds),
        rounds: Math.max(...rounds.map((one) => one.rounds)),
        seconds: Math.max(...rounds.map(({ seconds }) => seconds)),
      },
    }),
    mappings: joinMappings(reports, members),
    syncs: first.syncs.map(({ sync }) =>
      joinSyncs(reports.flatMap(({ syncs }) => syncs.filter((one) => one.sync === sync))),
    ),
  }
}

function joinSyncs(reports: readonly SyncReport[]): SyncReport {
  return {
    sync: itemAt(reports, 0).sync,
    records: notBelowZero(added(reports.map(({ records }) => records))),
    values: added(reports.map(({ values }) => values)),
    braze: added(reports.map(({ braze }) => braze)),
    dead_letters: reports.reduce((sum, report) => sum + report.dead_letters, 0),
  }
}

/** Where a part is missing, the others may have taken more out than is counted; see `RecordClasses`. */
function notBelowZero<T extends Readonly<Record<string, number>> | SyncReport['records']>(
  counts: T,
): T {
  return Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [name, Math.max(0, count)]),
  ) as T
}

function joinMappings(
  reports: readonly Report[],
  members: ReadonlyMap<string, number>,
): readonly MappingReport[] {
  const ofMapping = Map.groupBy(
    reports.flatMap(({ mappings = [] }) => mappings),
    ({ mapping }) => mapping,
  )
  return [...ofMapping.values()].map((parts) => {
    const { mapping } = itemAt(parts, 0)
    const sent = added(parts.map((part) => part.sent))
    const before = members.get(mapping)
    return {
      mapping,
      users: parts.reduce((sum, { users }) => sum + users, 0),
      planned: added(parts.map(({ planned }) => planned)),
      sent,
      refused: parts.reduce((sum, { refused }) => sum + refused, 0),
      members: before === undefined ? null : { before, after: before + sent.joins - sent.leaves },
    }
  })
}

function joinReasons(reports: readonly Report[]): Report['reasons'] {
  const byCode = Map.groupBy(
    reports.flatMap(({ reasons }) => reasons),
    ({ code }) => code,
  )
  return [...byCode.values()]
    .map((same) => {
      const counts = same.map(({ count }) => count)
      const { code, example } = itemAt(same, 0)
      const count = ONCE.has(code) ? Math.max(...counts) : counts.reduce((sum, one) => sum + one)
      return { code, count, example }
    })
    .toSorted((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1))
}

function joinUnmapped(reports: readonly Report[]): Report['unmapped'] {
  const byKey = Map.groupBy(
    reports.flatMap(({ unmapped }) => unmapped),
    ({ key }) => key,
  )
  return [...byKey]
    .map(([key, same]) => ({ key, count: same.reduce((sum, { count }) => sum + count, 0) }))
    .toSorted((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
}

/** @param all - one at least */
function added<T extends object>(all: readonly T[]): T {
  return all.reduce(addNumbers)
}
