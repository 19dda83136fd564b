import { itemAt } from '@engage-sync/contract'
import type { GuardStop, RejectedCount } from '../report.ts'
import { CLASS_NAMES } from '../fold/classes.ts'
import type { ClassCounts } from '../fold/counts.ts'
import type { PlanSummary } from './summary.ts'

/** Limits as the project sets them; shares are fractions. */
export interface GuardLimits {
  readonly maxRemovals: number
  readonly minRemovals: number
  readonly maxAdditions: number
  readonly maxDataPoints: number | null
  /** Of the values read; null or left out: no limit. */
  readonly maxRejected?: number | null
}

/** Fewer additions than this never stop anything, so members need not be counted for them. */
export const FREE_ADDITIONS = 1000

/** Fewer rejected values than this never stop anything: a share of a handful says nothing. */
export const FREE_REJECTED = 10

/** Members at run start by mapping or segment id; absent for new memberships. */
export type Members = ReadonlyMap<string, number>

/**
 * Which guards stop a run.
 *
 * Removals: more than the share of the membership's members at run start, and more than `minRemovals`. Additions: the
 * same share for additions, and more than 1,000; new memberships are exempt. Data points: in the whole run. Rejected:
 * more than the share of what was read, and more than 10.
 *
 * @param context - `allowed` holds `removals=<id>`, `removals=*`, `additions=…`, `data_points=<number>`, `rejected=<number>`
 */
export function checkGuards(
  summary: PlanSummary,
  limits: GuardLimits,
  context: {
    readonly members: Members
    readonly allowed: readonly string[]
    readonly rejected?: RejectedCount
  },
): readonly GuardStop[] {
  const stops: GuardStop[] = []
  for (const plan of summary.mappings.values()) {
    const members = context.members.get(plan.id) ?? 0
    const maxRemovals = Math.max(limits.minRemovals, Math.floor(limits.maxRemovals * members))
    if (plan.removals > maxRemovals)
      stops.push(
        membershipStop('removals', {
          id: plan.id,
          planned: plan.removals,
          limit: maxRemovals,
          members,
        }),
      )
    const maxAdditions = Math.max(FREE_ADDITIONS, Math.floor(limits.maxAdditions * members))
    if (members > 0 && plan.additions > maxAdditions)
      stops.push(
        membershipStop('additions', {
          id: plan.id,
          planned: plan.additions,
          limit: maxAdditions,
          members,
        }),
      )
  }
  if (limits.maxDataPoints !== null && summary.dataPoints > limits.maxDataPoints) {
    stops.push({
      guard: 'data_points',
      subject: null,
      planned: summary.dataPoints,
      limit: limits.maxDataPoints,
      members: null,
      message: `The run would use ${written(summary.dataPoints)} data points; max_data_points is ${written(limits.maxDataPoints)}`,
      allow: `data_points=${summary.dataPoints}`,
    })
  }
  const rejected = rejectedStop(limits, context.rejected)
  if (rejected !== null) stops.push(rejected)
  return stops.filter((stop) => !isAllowed(stop, context.allowed))
}

function rejectedStop(
  { maxRejected = null }: GuardLimits,
  read: RejectedCount | undefined,
): GuardStop | null {
  if (maxRejected === null || read === undefined) return null
  const { count, of } = read
  const limit = Math.floor(maxRejected * of)
  if (count <= Math.max(FREE_REJECTED, limit)) return null
  const share = Math.round((count / of) * 100)
  const message = `${written(count)} of ${written(of)} values cannot be used (${share}%), and max_rejected allows ${written(limit)}`
  return {
    guard: 'rejected',
    subject: null,
    planned: count,
    limit,
    members: null,
    message,
    allow: `rejected=${count}`,
  }
}

function membershipStop(
  guard: 'removals' | 'additions',
  found: { id: string; planned: number; limit: number; members: number },
): GuardStop {
  const { id, planned, limit, members } = found
  const verb = guard === 'removals' ? 'remove' : 'add'
  const share = members === 0 ? '' : ` (${shareText(planned / members)})`
  return {
    guard,
    subject: id,
    planned,
    limit,
    members,
    message: `${id} would ${verb} ${written(planned)} members; it has ${written(members)}${share}, and max_${guard} allows ${written(limit)}`,
    allow: `${guard}=${id}`,
  }
}

/** How much of what was read is rejected. */
export function rejectedOf(totals: readonly ClassCounts[]): RejectedCount {
  const number = CLASS_NAMES.indexOf('rejected')
  let count = 0
  let of = 0
  for (const { values, unreadable } of totals) {
    count += itemAt(values, number) + unreadable
    of += values.reduce((sum, each) => sum + each, unreadable)
  }
  return { count, of }
}

/** A count with separators, as people read it. */
export function written(count: number): string {
  return count.toLocaleString('en-US')
}

/** Whether what `--allow` said lets a guard pass. */
export function isAllowed(
  stop: Pick<GuardStop, 'guard' | 'subject' | 'planned'>,
  allowed: readonly string[],
): boolean {
  return allowed.some((text) => {
    const [guard, value] = splitOnce(text)
    if (guard !== stop.guard) return false
    if (stop.guard === 'data_points' || stop.guard === 'rejected')
      return value === '*' || Number(value) >= stop.planned
    return value === '*' || value === stop.subject || stop.subject === null
  })
}

function splitOnce(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, '*'] : [text.slice(0, at), text.slice(at + 1)]
}

/** A share of the members there are: a percentage, and of many more than these, how many times. */
function shareText(share: number): string {
  return share < MANY_TIMES
    ? `${Math.round(share * 100)}%`
    : `${written(Math.round(share))} times that`
}

const MANY_TIMES = 2
