import { waitingLetters } from '../../deferred/index.ts'
import type { DeferredUsers } from '../../deferred/index.ts'
import { recover } from '../../durable/index.ts'
import type { Session } from '../session/index.ts'

/**
 * Begins a window: forgets what was pending in the rows, decides requests without an answer, and
 * lets users go on who waited long enough. Returns what waits of them.
 *
 * @throws what ended a request of a former window, and concerns more than its users
 */
export async function startWindow(session: Session, signal: AbortSignal): Promise<DeferredUsers> {
  const { open, holds, late, joinsAliases } = session
  const { store, kind } = session.inputs.options
  if (late.failure !== null) throw late.failure
  open.partitions.startWindow(holds.latePartitions)
  await decide(session, signal)
  holds.free({ all: joinsAliases })
  session.guards.putOff(holds.freedCharges, session.inputs.options.now())
  const letters = holds.hasFreed ? await waitingLetters(store, open.mappings.programs) : []
  await holds.place(open.partitions)
  return holds.freedOf(letters, kind)
}

async function decide(session: Session, signal: AbortSignal): Promise<void> {
  const { open, shift, marks, holds, joinsAliases } = session
  const { options } = session.inputs
  const { committer } = shift.books
  const { partitions, mappings } = open
  const parts = {
    ...options,
    signal,
    program: mappings.program,
    committer,
    onVerifying: ({ requests, ms }: { readonly requests: number; readonly ms: number }) =>
      options.observe({ type: 'verifying', requests, ms }),
  }
  if (!joinsAliases) return shift.addRecovered(await marks.decide(partitions, parts))
  if (holds.size === 0 || (await options.store.openMarks()).length === 0) return
  shift.addRecovered(await recover({ ...parts, rows: partitions.rows }))
}
