import type { DeferredUsers } from '../../deferred/index.ts'
import { recover } from '../../durable/index.ts'
import type { Session } from '../session/index.ts'

/** So many users at most whose membership is held no longer go on in one window. */
const MOST_THAWED = 2000

/**
 * Begins a window: forgets what was pending in the rows, decides requests without an answer, and
 * lets users go on who waited long enough. Returns what waits of them.
 *
 * @throws what ended a request of a former window, and concerns more than its users
 */
export async function startWindow(session: Session, signal: AbortSignal): Promise<DeferredUsers> {
  const { open, holds, late, joinsAliases } = session
  const { kind } = session.inputs.options
  if (late.failure !== null) throw late.failure
  open.partitions.startWindow(holds.latePartitions)
  await decide(session, signal)
  // Where answers take long, those who went on before wait for them.
  const thawed = open.frozen.takeThawed(Math.min(MOST_THAWED, holds.room))
  for (const { user, partition } of thawed) holds.release(user, partition)
  holds.free({ all: joinsAliases })
  session.guards.putOff(holds.freedCharges, session.inputs.options.now())
  const letters = holds.hasFreed ? await open.waiting.of(holds.freed) : []
  const { programs } = open.mappings
  const known = letters.filter(({ source }) => source === '' || programs.has(source))
  await holds.place(open.partitions)
  return holds.freedOf(known, kind)
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
