import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cohortTests } from './destination/cohort-tests.ts'
import { deliveryTests } from './destination/delivery-tests.ts'
import { failureTests, finalFailureTests } from './destination/failure-tests.ts'
import { limitTests } from './destination/limit-tests.ts'
import { OneDestination, SIGNAL } from './destination/one-destination.ts'
import type { MakeDestination } from './destination/one-destination.ts'
import { refusalTests, requestRefusalTests } from './destination/refusal-tests.ts'
import { userActionTests, userTests } from './destination/user-tests.ts'

export type {
  ContractDestination,
  ContractFault,
  ContractServer,
  HeldUser,
  MakeDestination,
} from './destination/one-destination.ts'

/** Groups of the contract; a server that cannot do something leaves its group out. */
const GROUPS = {
  delivery: [deliveryTests],
  refusal: [refusalTests, requestRefusalTests],
  failure: [failureTests, finalFailureTests],
  users: [userTests, userActionTests],
  cohorts: [cohortTests],
  limits: [limitTests],
} as const

/** A group of the contract. */
export type DestinationGroup = keyof typeof GROUPS

/** The tests every `Destination` passes against a service that behaves as Braze. */
export function destinationContract(
  name: string,
  make: MakeDestination,
  groups: readonly DestinationGroup[] = Object.keys(GROUPS) as DestinationGroup[],
): void {
  describe(`${name} keeps the contract of a destination`, () => {
    const test = new OneDestination(make)
    beforeEach(() => test.begin())
    afterEach(() => test.end())
    for (const tests of groups.flatMap((group) => GROUPS[group])) tests(test)

    it('finds itself well', async () => {
      const checks = await test.destination.check(SIGNAL)

      expect(checks.length).toBeGreaterThan(2)
      expect(checks.filter(({ status }) => status !== 'ok')).toEqual([])
    })
  })
}
