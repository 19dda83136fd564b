import { eventsOfRow, isPending, pendingOutputs } from '@engage-sync/core'
import type {
  AcceptedEvent,
  ExportedProfile,
  OutputOf,
  PendingOutput,
  RowEvents,
  RowPlace,
  RunProgram,
} from '@engage-sync/core'
import { compareAttribute, EVENT_AGE_MS } from '../inspect/index.ts'
import type { HoldingsFound } from '../request/index.ts'

/** The clocks of whoever sent an event and of the destination may differ, milliseconds. */
const TIME_SLACK_MS = 1000

/**
 * Puts back what a profile does not hold of a row's pending entries: the next run finds that anew.
 *
 * What cannot be asked for takes the side that does no harm: an event beyond what exports show is
 * taken as sent, a membership in a list is left to be sent.
 *
 * @param profile - null where the destination does not know the user
 */
export function keepHeld(
  {
    program,
    nowMs,
    found,
  }: { readonly program: RunProgram; readonly nowMs: number; readonly found: HoldingsFound },
  place: RowPlace,
  profile: ExportedProfile | null,
): void {
  const { open, row } = place
  const events = eventsOfRow(program.fold, open, row)
  found.users++
  if (profile === null) found.missing++
  else {
    open.rows.flags.create(row)
    for (const name of profile.others) found.others.set(name, (found.others.get(name) ?? 0) + 1)
  }
  const heldEvents = new HeldEvents(events, profile, nowMs - EVENT_AGE_MS)
  for (const pending of pendingOutputs(program.outputs, place, events)) {
    const { output, entry } = pending
    if (output.kind === 'event') {
      const sent = heldEvents.find(entry)
      if (sent === 'too old') found.oldEvents++
      else tally(found, output.id, sent === 'held')
      if (sent === 'not held') open.defer(row, entry)
      continue
    }
    if (!isPending(pending, 'attribute')) {
      found.memberships++
      open.defer(row, entry)
      continue
    }
    const isHeld = profile !== null && holdsAttribute(place, pending, profile)
    tally(found, output.id, isHeld)
    if (!isHeld) open.defer(row, entry)
  }
}

function tally({ mappings }: HoldingsFound, id: string, isHeld: boolean): void {
  const counts = mappings.get(id) ?? { held: 0, left: 0 }
  counts[isHeld ? 'held' : 'left']++
  mappings.set(id, counts)
}

function holdsAttribute(
  { open, row }: RowPlace,
  { entry, output }: PendingOutput<OutputOf<'attribute'>>,
  profile: ExportedProfile,
): boolean {
  const compared = { partition: open.rows, row, text: open.pending.text(entry) }
  return compareAttribute(compared, output, profile)?.isSame ?? true
}

/** Which of a row's events the destination has, by name: it tells how many there are, and when the last was. */
class HeldEvents {
  readonly #events: RowEvents
  readonly #oldest: number
  readonly #held = new Set<string>()

  constructor(events: RowEvents, profile: ExportedProfile | null, oldest: number) {
    this.#events = events
    this.#oldest = oldest
    const recent = Map.groupBy(
      [...events.values()].flat().filter(({ time }) => time >= oldest),
      ({ name }) => name,
    )
    for (const [name, sent] of recent) {
      const known = profile?.events.get(name)
      const last = Math.max(...sent.map(({ time }) => time))
      if (known !== undefined && known.count >= sent.length && known.lastMs + TIME_SLACK_MS >= last)
        this.#held.add(name)
    }
  }

  /** What becomes of an entry's events, which go together. */
  find(entry: number): 'held' | 'not held' | 'too old' {
    const events: readonly AcceptedEvent[] = this.#events.get(entry) ?? []
    const recent = events.filter(({ time }) => time >= this.#oldest)
    if (recent.length === 0) return 'too old'
    return recent.every(({ name }) => this.#held.has(name)) ? 'held' : 'not held'
  }
}
