import { userRefOf, zip } from '@engage-sync/core'
import type { Destination, ExportedUser } from '@engage-sync/core'
import type { MarkedEvent } from '../../state/values/mark-intent.ts'
import type { OnUnknown } from '../request/index.ts'
import { sleep } from './sleep.ts'

/** What decides requests without an answer. */
export interface Deciding {
  readonly destination: Destination
  readonly onUnknown: OnUnknown
  readonly signal: AbortSignal
  /** How long ago the request of an event left, milliseconds. */
  readonly ageOf: (event: MarkedEvent) => number
  /** How long may be waited before asking once more, milliseconds. Default: as long as it takes. */
  readonly mostWaitMs?: number
  /** All of them left long enough ago to be seen by now. Default: that is waited for first. */
  readonly isSettled?: boolean
  /** Told before that: requests it is about, and milliseconds. */
  readonly onVerifying: (wait: { readonly requests: number; readonly ms: number }) => void
}

/** What is known of requests without an answer. */
export interface Decided {
  /** Events that are taken as delivered. */
  readonly applied: ReadonlySet<MarkedEvent>
  /** Which requests are not decided, by their place. */
  readonly open: ReadonlySet<number>
}

/**
 * Decides requests without an answer: `repeat` says that none of their events is delivered, `skip`
 * that all are, and
 * `verify` asks the destination how many events of each name each user has, and when the last one
 * was.
 *
 * An event that is there is believed at once; one that is not, only once `verifyAfterMs` went by
 * since its request. Where that takes longer than may be waited, or the signal aborts, its request
 * stays undecided.
 *
 * @param requests - the events of each, in the order they were sent
 */
export async function decideRequests(
  deciding: Deciding,
  requests: readonly (readonly MarkedEvent[])[],
): Promise<Decided> {
  const { destination, onUnknown, signal, ageOf, mostWaitMs = Infinity, onVerifying } = deciding
  const events = requests.flat()
  if (onUnknown === 'repeat' || events.length === 0) return { applied: new Set(), open: new Set() }
  if (onUnknown === 'skip') return { applied: new Set(events), open: new Set() }
  if (deciding.isSettled !== true) await sleep(destination.settleMs, signal)
  const applied = appliedEvents(events, await exportUsers(deciding, events))
  const waits = requests.map((request) => {
    const missing = request.filter((event) => !applied.has(event))
    return missing.reduce(
      (most, event) => Math.max(most, waitFor(ageOf(event), destination.verifyAfterMs)),
      0,
    )
  })
  const open = new Set(waits.flatMap((ms, place) => (ms > 0 ? [place] : [])))
  const ms = waits.reduce((most, wait) => Math.max(most, wait), 0)
  if (ms === 0 || ms > mostWaitMs) return { applied, open }
  onVerifying({ requests: open.size, ms })
  await sleep(ms, signal)
  if (signal.aborted) return { applied, open }
  return { applied: appliedEvents(events, await exportUsers(deciding, events)), open: new Set() }
}

/**
 * What is left of `afterMs` at an age; a clock that was set back makes it no longer. Milliseconds.
 */
function waitFor(ageMs: number, afterMs: number): number {
  return Math.min(Math.max(0, afterMs - ageMs), afterMs)
}

/** The users of events as the destination has them, by `identityOf`. */
async function exportUsers(
  { destination, signal }: Deciding,
  events: readonly MarkedEvent[],
): Promise<ReadonlyMap<string, ExportedUser>> {
  const users = [...new Map(events.map((event) => [identityOf(event), event])).values()]
  const exported = new Map<string, ExportedUser>()
  const most = destination.limits.usersPerExport
  for (let from = 0; from < users.length; from += most) {
    const batch = users.slice(from, from + most)
    const found = await destination.exportUsers(
      batch.map(({ kind, user }) => userRefOf(kind, user)),
      { attributes: [], events: true },
      signal,
    )
    for (const [event, user] of zip(batch, found)) exported.set(identityOf(event), user)
  }
  return exported
}

/**
 * The events the destination has: its last one of that name is as late, and it holds as many as
 * were delivered before plus those marked up to this one. After one of a slot that it has not, it
 * has none of that slot: repeating an event is better than losing the one before it.
 */
function appliedEvents(
  events: readonly MarkedEvent[],
  exported: ReadonlyMap<string, ExportedUser>,
): ReadonlySet<MarkedEvent> {
  const applied = new Set<MarkedEvent>()
  const expected = new Map<string, number>()
  const missed = new Set<string>()
  for (const event of events) {
    const key = `${identityOf(event)}\u0000${event.name}`
    const count = (expected.get(key) ?? event.before) + 1
    expected.set(key, count)
    const found = exported.get(identityOf(event))?.events.get(event.name)
    const slot = `${identityOf(event)}\u0000${event.column}`
    const isThere =
      found !== undefined && found.lastMs >= earliestLast(event) && found.count >= count
    if (isThere && !missed.has(slot)) applied.add(event)
    else missed.add(slot)
  }
  return applied
}

/** How far the destination's clock may be behind ours, milliseconds. */
const CLOCK_SKEW_MS = 60_000

/**
 * The earliest last time that fits an applied event: its own, or when it arrived if it lay in the
 * future then. Which of the two is for the destination's clock to say, and no later event of that
 * name is mistaken for this one: they are counted, too.
 */
function earliestLast({ time, sentAt }: MarkedEvent): number {
  return Math.min(time, sentAt) - CLOCK_SKEW_MS
}

function identityOf({ kind, user }: MarkedEvent): string {
  return `${kind}:${user}`
}
