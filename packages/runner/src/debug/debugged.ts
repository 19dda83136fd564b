import { maskUser } from '@engage-sync/core'
import { hideValues } from './hide.ts'
import { isIdentified } from './requests.ts'
import type { DebugRequest } from './requests.ts'
import type { Trace } from './trace.ts'

/** One record through the whole way, as `debug` shows it. */
export interface DebuggedRecord {
  readonly record: number
  /** Null when it is no event of Engage. */
  readonly event: {
    readonly kind: 'trait' | 'audience'
    readonly key: string
    readonly call: 'identify' | 'track'
    /** ISO 8601. */
    readonly time: string
    /** Identifiers, shortened unless values are shown. */
    readonly user: string | null
    readonly anonymous_id: string | null
  } | null
  readonly class: string
  readonly reasons: Trace['reasons']
  readonly unmapped: readonly string[]
  readonly rejected: readonly {
    readonly mapping: string | null
    readonly code: string
    readonly message: string
  }[]
  /** Mappings and segments that had something to send. */
  readonly mappings: readonly string[]
  /** Whether something was left out because the user is anonymous. */
  readonly anonymous: boolean
  readonly requests: readonly DebugRequest[]
}

/**
 * Puts a trace and its requests into the form that is shown; values are hidden unless asked for.
 */
export function describeTrace(
  trace: Trace,
  requests: readonly DebugRequest[],
  how: { readonly showValues: boolean; readonly known: ReadonlySet<string> },
): DebuggedRecord {
  const { event, updates } = trace
  const id = (text: string | null) => (text === null || how.showValues ? text : maskUser(text))
  const time = event === null ? '' : new Date(event.time).toISOString()
  const known = new Set([...how.known, time])
  return {
    record: trace.record,
    event:
      event === null
        ? null
        : {
            kind: event.isAudience ? 'audience' : 'trait',
            key: event.key,
            call: event.isTrack ? 'track' : 'identify',
            time,
            user: id(event.user),
            anonymous_id: id(event.anonymousId),
          },
    class: trace.class,
    reasons: trace.reasons,
    unmapped: trace.unmapped,
    rejected: trace.rejected.map(({ mapping, code, message }) => ({ mapping, code, message })),
    mappings: [...new Set(updates.flatMap(({ mappings }) => mappings))],
    anonymous: updates.some((update) => !isIdentified(update)),
    requests: how.showValues
      ? requests
      : requests.map((request) => ({ ...request, body: hideValues(request.body, known) })),
  }
}

/** Names of the cohorts that traces join or leave, by their id. */
export function cohortNamesOf(traces: readonly Trace[]): ReadonlyMap<string, string> {
  return new Map(
    traces.flatMap(({ updates }) =>
      updates
        .filter(isIdentified)
        .flatMap(({ memberships }) =>
          memberships.map(({ cohortId, name }) => [cohortId, name] as const),
        ),
    ),
  )
}
