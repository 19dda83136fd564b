import { takeLease } from '../durable/index.ts'
import type { HeldLease } from '../durable/index.ts'
import type { StreamStatus } from '../stream/index.ts'
import { isSomeDue, watchTrouble } from './due-sources.ts'
import type { ScheduledSources } from './due-sources.ts'
import { borrowFromWorkers, IN_LINE, isWorker, watchLoans } from './loans.ts'
import { heldBySomebody } from './passing.ts'

/** How long the others may take to end their windows, milliseconds. */
const PATIENCE_MS = 30_000

/** How what is due is read. */
interface DueReading {
  /** Whom the environment is borrowed as. */
  readonly borrower: string
  readonly signal: AbortSignal
  /** Of the reading; null before it begins. */
  readonly status: () => StreamStatus | null
  readonly read: (under: {
    readonly lease: HeldLease
    readonly signal: AbortSignal
  }) => Promise<void>
}

/** Reads what is due, alone, as a run that borrows the environment; or leaves it to who does already. */
export async function readDue(
  scheduled: ScheduledSources,
  { borrower, signal, status, read }: DueReading,
): Promise<void> {
  const { store } = scheduled
  if (!(await isSomeDue(scheduled))) return
  const borrowing = { borrower, patienceMs: PATIENCE_MS, signal }
  const borrowed = await borrowFromWorkers(store, borrowing)
  if (borrowed === null) return
  const lease = await takeLease(store, { waitMs: 0, command: IN_LINE })
    .catch(heldBySomebody)
    .finally(() => borrowed.giveBack())
  if (lease === null) return
  // The lease keeps the others out from here on, and a command that borrows ends this.
  const lent = watchLoans(store, (other) => !isWorker(other))
  const away = watchTrouble(scheduled, status)
  try {
    await read({ lease, signal: AbortSignal.any([signal, lent.happened, away.happened]) })
  } finally {
    lent.stop()
    away.stop()
    await lease.release()
  }
}
