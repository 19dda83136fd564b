import type { CommitGroup, RunRecord, StateStore } from '@engage-sync/core'
import { purgeDue } from '../../state/values/values.ts'
import { OwnPartitions } from '../fleet/index.ts'
import type { Ownership } from '../fleet/index.ts'

/** Before the names of attributes whose delivered types are counted. */
const TYPES = 'types:'

/** What of a state a part of a run is. */
export interface PartOwnership extends Ownership {
  /** Number of the run. */
  readonly run: number
}

/**
 * A state as a part of a run sees it: its own partitions, and of everything else what was there
 * before the run.
 *
 * It commits rows, marks, letters and due times of its own. All that is one for the whole run is
 * left to whoever leads it: the run's record, what is known of mappings, positions, cohorts.
 */
export class PartState extends OwnPartitions {
  readonly #run: number

  constructor(store: StateStore, owned: PartOwnership) {
    super(store, owned)
    this.#run = owned.run
  }

  override async nextRunNumber(): Promise<number> {
    return this.#run
  }

  override async allotRun(): Promise<number> {
    return this.#run
  }

  /** What others did says nothing of its own rows. */
  override async runs(): Promise<readonly RunRecord[]> {
    return []
  }

  override async expireDeadLetters(): Promise<number> {
    return 0
  }

  override async commit({ positions: _, run: _run, ...group }: CommitGroup): Promise<void> {
    const values = (group.values ?? []).filter(
      ({ key, partition }) =>
        partition !== undefined || key.startsWith(TYPES) || key === purgeDue.key,
    )
    const own = { ...group, values, mappings: [], removeMappings: [] }
    const isEmpty = Object.values(own).every((part) => !Array.isArray(part) || part.length === 0)
    if (!isEmpty) await super.commit(own)
  }
}
