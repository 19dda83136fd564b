import { afterEach, beforeEach, describe } from 'vitest'
import { atomicityTests, besideTests, wholeStateTests } from './state-store/commit-tests.ts'
import { damagedOriginTests, damageTests } from './state-store/damage-tests.ts'
import {
  deadLetterEndTests,
  deadLetterExpiryTests,
  deadLetterTests,
} from './state-store/dead-letter-tests.ts'
import { leaseContestTests, leaseTests } from './state-store/lease-tests.ts'
import { OneState } from './state-store/one-state.ts'
import type { MakeState } from './state-store/one-state.ts'
import { mergeTests } from './state-store/merge-tests.ts'
import {
  admittedTests,
  lostWorkerTests,
  ownershipTests,
  sharedValueTests,
  workerLeaseTests,
} from './state-store/ownership-tests.ts'
import { namedRecordTests, positionTests, recordTests } from './state-store/record-tests.ts'
import { rowTests } from './state-store/row-tests.ts'
import {
  refusedCommitTests,
  sharedLetterTests,
  workerCommitTests,
} from './state-store/worker-commit-tests.ts'

export type { RawRow, RawTables } from './state-store/damage.ts'
export type { ContractState, MakeState } from './state-store/one-state.ts'

/** The tests every `StateStore` passes. */
export function stateStoreContract(name: string, makeState: MakeState): void {
  describe(`${name} keeps the contract of a state store`, () => {
    const test = new OneState(makeState)
    beforeEach(() => test.begin())
    afterEach(() => test.end())
    leaseTests(test)
    leaseContestTests(test)
    workerLeaseTests(test)
    admittedTests(test)
    sharedValueTests(test)
    ownershipTests(test)
    lostWorkerTests(test)
    workerCommitTests(test)
    refusedCommitTests(test)
    sharedLetterTests(test)
    rowTests(test)
    mergeTests(test)
    recordTests(test)
    positionTests(test)
    namedRecordTests(test)
    deadLetterTests(test)
    deadLetterEndTests(test)
    deadLetterExpiryTests(test)
    atomicityTests(test)
    besideTests(test)
    wholeStateTests(test)
    damageTests(test)
    damagedOriginTests(test)
  })
}
