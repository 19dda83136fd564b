import { isJsonObject, onlyOf } from '@engage-sync/contract'
import type { Json } from '@engage-sync/contract'
import { caseUsers } from '../model/case-users.ts'
import type { NormalisedCase } from '../model/case.ts'
import type { ExpectationConfig } from '../schema/cases.ts'

/** An event that is expected; what is undefined is not looked at. */
export interface ExpectedEvent {
  readonly name: string
  readonly time?: string
  readonly properties?: Json
}

/** A rejection that is expected. */
export interface ExpectedRejection {
  readonly code: string
  readonly user?: string
  readonly key?: string
}

/** What a case expects, by user; a section that is undefined is not looked at. */
export interface Expected {
  readonly users: readonly string[]
  readonly attributes?: ReadonlyMap<string, ReadonlyMap<string, Json>>
  readonly events?: ReadonlyMap<string, readonly ExpectedEvent[]>
  readonly cohorts?: ReadonlyMap<string, ReadonlyMap<string, 'add' | 'remove'>>
  readonly segments?: ReadonlyMap<string, ReadonlyMap<string, boolean>>
  readonly subscriptionGroups?: ReadonlyMap<
    string,
    ReadonlyMap<string, 'subscribed' | 'unsubscribed'>
  >
  readonly rejected?: readonly ExpectedRejection[]
}

/** Read what a case expects, with the user level that a case of one user leaves out. */
export function readExpected(testCase: NormalisedCase): Expected {
  const { expect } = testCase
  const users = caseUsers(testCase)
  const only = onlyOf(users)
  return {
    users,
    ...section('attributes', expect.attributes, (written) =>
      attributesBy(written as Readonly<Record<string, Json>>, only),
    ),
    ...section('events', expect.events, (written) => eventsBy(written, only)),
    ...section('cohorts', expect.cohorts, (written) => cohortsBy(written, only)),
    ...section('segments', expect.segments, (written) => segmentsBy(written, users)),
    ...section('subscriptionGroups', expect.subscription_groups, (written) =>
      groupsBy(written, only),
    ),
    ...section('rejected', expect.rejected, (written) =>
      written.map((each) => (typeof each === 'string' ? { code: each } : each)),
    ),
  }
}

function section<Name extends string, Written, Read>(
  name: Name,
  written: Written | undefined,
  read: (written: Written) => Read,
): { [key in Name]?: Read } {
  return written === undefined ? {} : ({ [name]: read(written) } as { [key in Name]?: Read })
}

/** Nested maps: by user, then by name. */
class ByUser<Value> {
  readonly users = new Map<string, Map<string, Value>>()

  set(user: string, name: string, value: Value): void {
    const values = this.users.get(user) ?? new Map<string, Value>()
    this.users.set(user, values.set(name, value))
  }
}

function attributesBy(
  written: Readonly<Record<string, Json>>,
  only: string | null,
): ReadonlyMap<string, ReadonlyMap<string, Json>> {
  if (only !== null) return new Map([[only, new Map(Object.entries(written))]])
  return new Map(
    Object.entries(written).map(([user, values]) => [
      user,
      new Map(isJsonObject(values) ? Object.entries(values) : []),
    ]),
  )
}

type Written<Key extends keyof ExpectationConfig> = NonNullable<ExpectationConfig[Key]>

function eventsBy(
  written: Written<'events'>,
  only: string | null,
): ReadonlyMap<string, readonly ExpectedEvent[]> {
  const read = (list: readonly unknown[]) =>
    list.map((event) => (typeof event === 'string' ? { name: event } : (event as ExpectedEvent)))
  if (Array.isArray(written)) return new Map([[only ?? '', read(written)]])
  return new Map(Object.entries(written).map(([user, list]) => [user, read(list)]))
}

function cohortsBy(
  written: Written<'cohorts'>,
  only: string | null,
): ReadonlyMap<string, ReadonlyMap<string, 'add' | 'remove'>> {
  const by = new ByUser<'add' | 'remove'>()
  for (const [cohort, change] of Object.entries(written)) {
    if (typeof change === 'string') by.set(only ?? '', cohort, change)
    else {
      for (const user of change.add ?? []) by.set(user, cohort, 'add')
      for (const user of change.remove ?? []) by.set(user, cohort, 'remove')
    }
  }
  return by.users
}

function segmentsBy(
  written: Written<'segments'>,
  users: readonly string[],
): ReadonlyMap<string, ReadonlyMap<string, boolean>> {
  const by = new ByUser<boolean>()
  for (const [key, members] of Object.entries(written)) {
    for (const user of users)
      by.set(user, key, typeof members === 'boolean' ? members : members.includes(user))
    if (typeof members !== 'boolean') for (const user of members) by.set(user, key, true)
  }
  return by.users
}

function groupsBy(
  written: Written<'subscription_groups'>,
  only: string | null,
): ReadonlyMap<string, ReadonlyMap<string, 'subscribed' | 'unsubscribed'>> {
  const by = new ByUser<'subscribed' | 'unsubscribed'>()
  for (const [group, state] of Object.entries(written)) {
    if (typeof state === 'string') by.set(only ?? '', group, state)
    else for (const [user, each] of Object.entries(state)) by.set(user, group, each)
  }
  return by.users
}
