import { onlyOf } from '@engage-sync/contract'
import type { Json } from '@engage-sync/contract'
import { caseUsers } from '../model/case-users.ts'
import type { NormalisedCase } from '../model/case.ts'
import type { ExpectationConfig } from '../schema/cases.ts'
import { instantText } from '../values/instant.ts'
import { NOTHING_HAPPENED } from './actual.ts'
import type { CaseActual, CaseResult } from './actual.ts'
import { compareCase } from './compare.ts'

/** A section of an expectation, as it is written. */
export type AcceptedExpectation = { readonly [Section in keyof ExpectationConfig]: Json }

const SECTIONS = [
  'attributes',
  'events',
  'cohorts',
  'segments',
  'subscription_groups',
  'rejected',
] as const

/**
 * The expectation that a result fulfils, as it is written in a cases file.
 *
 * Shape: the sections the case has now (all with something in them, when it has none), in their
 * usual order, those that hold as they are written; users are named only when the case has several.
 */
export function acceptResult(testCase: NormalisedCase, result: CaseResult): AcceptedExpectation {
  const users = [
    ...new Set([...caseUsers(testCase), ...[...result.keys()].filter((user) => user !== '')]),
  ]
  const all = accepted(users, result)
  const wanted = SECTIONS.filter((section) => testCase.expect[section] !== undefined)
  const kept = wanted.length > 0 ? wanted : SECTIONS.filter((section) => !isEmpty(all[section]))
  const failed = new Set(compareCase(testCase, result).map(({ section }) => section))
  const written = testCase.expect as AcceptedExpectation
  return Object.fromEntries(
    kept.map((section) => [
      section,
      wanted.length > 0 && !failed.has(section) ? written[section] : all[section],
    ]),
  )
}

function isEmpty(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function accepted(
  users: readonly string[],
  result: CaseResult,
): Record<(typeof SECTIONS)[number], Json> {
  const only = onlyOf(users)
  const of = (user: string) => result.get(user) ?? NOTHING_HAPPENED
  const byUser = (read: (actual: CaseActual) => Json): Json =>
    only === null
      ? Object.fromEntries(
          users
            .map((user): [string, Json] => [user, read(of(user))])
            .filter(([, value]) => !isEmpty(value)),
        )
      : read(of(only))
  return {
    attributes: byUser(({ attributes }) => Object.fromEntries(attributes)),
    events: byUser(({ events }) =>
      events.map(({ name, time, properties }) => ({ name, time: instantText(time), properties })),
    ),
    cohorts: byName(users, (user) => of(user).cohorts, cohortChange),
    segments: byName(
      users,
      (user) => of(user).segments,
      (members) => [...members].filter(([, member]) => member).map(([user]) => user),
    ),
    subscription_groups: byName(
      users,
      (user) => of(user).subscriptionGroups,
      (states) => Object.fromEntries(states),
    ),
    rejected: [...result].flatMap(([user, { rejected }]) =>
      rejected.map(({ code, key }): Json => ({
        code,
        ...(only === null && user !== '' ? { user } : {}),
        ...(key === null ? {} : { key }),
      })),
    ),
  }
}

function cohortChange(changes: ReadonlyMap<string, Json>): Json {
  const of = (wanted: string) =>
    [...changes].filter(([, change]) => change === wanted).map(([user]) => user)
  const [add, remove] = [of('add'), of('remove')]
  return { ...(add.length > 0 ? { add } : {}), ...(remove.length > 0 ? { remove } : {}) }
}

/**
 * Turns values by user and name into values by name: the one user's value, or what `join` makes of
 * all.
 */
function byName(
  users: readonly string[],
  read: (user: string) => ReadonlyMap<string, Json>,
  join: (byUser: ReadonlyMap<string, Json>) => Json,
): Json {
  const only = onlyOf(users)
  if (only !== null) return Object.fromEntries(read(only))
  const names = new Map<string, Map<string, Json>>()
  for (const user of users) {
    for (const [name, value] of read(user))
      names.set(name, (names.get(name) ?? new Map<string, Json>()).set(user, value))
  }
  return Object.fromEntries([...names].map(([name, values]) => [name, join(values)]))
}
