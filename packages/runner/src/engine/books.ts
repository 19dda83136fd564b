import { Reasons } from '@engage-sync/core'
import type { CommitGroup } from '@engage-sync/core'
import { refusedLetter } from './dead-letters/index.ts'
import { removingLetters, RowOutcomes } from './delivery/index.ts'
import type { DeliveryRules } from './delivery/index.ts'
import { Committer } from './durable/index.ts'
import type { HeldLease } from './durable/index.ts'
import type { OpenRun } from './open.ts'
import { WINDOW } from './request/index.ts'
import type { EngineOptions } from './request/index.ts'
import { RunCounters } from './run-counters.ts'
import type { RunJournal } from './run-journal.ts'

/** What makes a run's outcomes durable, and counts them. */
export interface Books {
  readonly lease: HeldLease
  readonly journal: RunJournal
  readonly committer: Committer
  readonly counters: RunCounters
  readonly refusals: Reasons
}

/** Opens them under the lease that is held, for the run of the journal. */
export function openBooks(
  { store }: EngineOptions,
  { letters, types }: OpenRun,
  held: Pick<Books, 'lease' | 'journal'> & {
    readonly isLazy?: boolean
    readonly onCommitted?: (group: CommitGroup) => void
  },
): Books {
  const refusals = new Reasons()
  const committer = new Committer(store, () => held.lease.current, held)
  committer.carry(() => types.takeStored())
  const counters = new RunCounters({ reasons: refusals, types }, (refusal) =>
    committer.addDeadLetter(refusedLetter(refusal, letters)),
  )
  return { lease: held.lease, journal: held.journal, committer, counters, refusals }
}

/** What takes the outcomes of rows into the books. */
export function rowOutcomes(
  { keepValues, kind }: EngineOptions,
  { mappings, retried }: OpenRun,
  { committer, counters, journal }: Books,
): RowOutcomes {
  return new RowOutcomes({
    program: mappings.program,
    committer,
    listener: retried === null ? counters : removingLetters(retried, committer, counters),
    run: journal.number,
    keepsValues: keepValues,
    keepsPutOff: kind === WINDOW,
  })
}

/** What the configuration and the kind of run say of delivering. */
export function deliveryRules(
  { syncs, kind }: EngineOptions,
  { nowMs, mappings, migrations }: OpenRun,
): DeliveryRules {
  const { blocksSnapshots } = migrations
  const bornSilently = mappings.units.some(
    ({ id, isSegment, backfill }) => isSegment && !backfill && mappings.bornNow.has(id),
  )
  return {
    nowMs,
    renamesCohorts: kind.renamesCohorts,
    createUsers: new Set(syncs.flatMap(({ name, createUsers }) => (createUsers ? [name] : []))),
    defersUsers: kind.defersUsers,
    blocksSnapshots,
    isOnceOnly: blocksSnapshots || bornSilently,
  }
}
