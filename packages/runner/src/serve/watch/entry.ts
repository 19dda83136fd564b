import { parseSource, withDigits } from '@engage-sync/core'
import type { CompiledSync, DecodePlan, RowDecoder, SourceJson } from '@engage-sync/core'
import { traceRecords } from '../../debug/trace.ts'
import type { Trace } from '../../debug/trace.ts'

/** A mapping as it is written, and what it becomes. */
export interface KnownMapping {
  /** `configs/shoppers.yaml:12`. */
  readonly place: string | null
  readonly becomes: string | null
}

/** The configuration that records are looked at with. */
export interface WatchedConfiguration {
  readonly syncs: readonly CompiledSync[]
  readonly mappings: ReadonlyMap<string, KnownMapping>
  readonly createDecoder: (plan: DecodePlan) => RowDecoder
  /** Texts of the configuration; they tell nothing of a person. */
  readonly known: ReadonlySet<string>
}

/** A request that left, as far as it is about one user. */
export interface WatchedRequest {
  readonly path: string
  /** What of the body is the user's. */
  readonly body: readonly unknown[]
  readonly sentMs: number
  answeredMs: number | null
  /** What Braze said of each; null until it answers. */
  answers: readonly string[] | null
}

/** One record on its way. */
export interface Entry {
  readonly id: number
  /** Of its latest change; what viewers resume at. */
  seq: number
  readonly source: string
  readonly cameMs: number
  /** Its place among all that came, so that it is known when a window has passed it. */
  readonly ordinal: number
  readonly record: unknown
  readonly trace: Trace
  /** Ids it may be known by in Braze. */
  readonly users: ReadonlySet<string>
  /** Mappings and segments that look at its key, whether they have something to send or not. */
  readonly mappings: readonly string[]
  readonly requests: WatchedRequest[]
  /** When its window was committed; null until then. */
  endedMs: number | null
  /** What became of it in the rows, where that is known. */
  became: string | null
  /** Memberships it is about that a guard holds: what changes them waits. */
  heldBy: readonly string[]
}

/** How an entry stands. */
export type EntryOutcome =
  | 'waiting'
  | 'sent'
  | 'accepted'
  | 'refused'
  | 'failed'
  | 'held'
  | 'nothing to send'
  | 'skipped'
  | 'rejected'

/** How an entry stands, in one word. */
export function outcomeOf({ trace, requests, endedMs, heldBy }: Entry): EntryOutcome {
  const answers = requests.flatMap(({ answers: each }) => each ?? [])
  if (answers.some((answer) => answer.startsWith('rejected'))) return 'refused'
  if (answers.some((answer) => /^(?:failed|unknown)/.test(answer))) return 'failed'
  if (requests.some(({ answers: each }) => each === null)) return 'sent'
  if (requests.length > 0) return 'accepted'
  if (trace.class === 'rejected' || trace.rejected.length > 0) return 'rejected'
  if (trace.class === 'skipped' || trace.class === 'unmapped') return 'skipped'
  if (endedMs === null) return 'waiting'
  return heldBy.length > 0 ? 'held' : 'nothing to send'
}

/** A record as it came, before anything happened to it. */
export interface Arrived {
  readonly source: string
  readonly text: string
  readonly cameMs: number
  readonly ordinal: number
}

/**
 * Looks at a record: what it says, and who it is about.
 *
 * Shape: null for one about nobody with an external id: those are not shown.
 */
export function entryOf(
  arrived: Arrived,
  id: number,
  { syncs, createDecoder }: WatchedConfiguration,
): Entry | null {
  const { source, text, cameMs, ordinal } = arrived
  const came = parsed(text)
  const own = syncs.filter((sync) => sync.source === source)
  const [trace] = traceRecords([came ?? null], { syncs: own, createDecoder, nowMs: cameMs })
  if (trace === undefined) return null
  const users = new Set(
    trace.updates.flatMap(({ user }) => ('externalId' in user ? [user.externalId] : [])),
  )
  const named = trace.event?.user ?? null
  if (users.size === 0 && named !== null) users.add(named)
  if (users.size === 0) return null
  const mappings = mappingsOf(trace, own)
  const rest = { requests: [], endedMs: null, became: null, heldBy: [] }
  const record = came === undefined ? undefined : withDigits(came)
  return { id, seq: 0, source, cameMs, ordinal, record, trace, users, mappings, ...rest }
}

function parsed(text: string): SourceJson | undefined {
  try {
    return parseSource(text)
  } catch {
    return undefined
  }
}

function mappingsOf({ event, updates }: Trace, syncs: readonly CompiledSync[]): readonly string[] {
  const found = new Set(updates.flatMap(({ mappings }) => mappings))
  if (event !== null) {
    for (const { id, wanted } of syncs.flatMap(({ mappings }) => mappings))
      if (wanted.key === event.key && (wanted.kind === 'audience') === event.isAudience)
        found.add(id)
  }
  return [...found]
}
