import { canonicalText, isSameJson } from '@engage-sync/contract'
import type { Json } from '@engage-sync/contract'
import { EXISTING_ONLY } from '../braze/attribute-names.ts'
import type { NormalisedCase } from '../model/case.ts'
import { instantText, parseInstant } from '../values/instant.ts'
import { NOTHING_HAPPENED } from './actual.ts'
import type { CaseActual, CaseResult, RejectedInCase, SentEvent } from './actual.ts'
import { readExpected } from './expected.ts'
import type { Expected, ExpectedEvent, ExpectedRejection } from './expected.ts'

/** The part of an expectation a difference is in. */
export type CaseSection =
  'attributes' | 'events' | 'cohorts' | 'segments' | 'subscription_groups' | 'rejected'

/** One thing that came out differently. Texts are compact JSON or a code; null means nothing. */
export interface CaseDifference {
  readonly section: CaseSection
  readonly user: string
  /** Name of the attribute, event, cohort, segment or group; for rejections the code. */
  readonly name: string
  readonly expected: string | null
  readonly actual: string | null
}

/**
 * What came out differently from what a case expects; empty when the case holds.
 *
 * Shape: sections that the case leaves out are not looked at; in the others, what is not listed
 * must not happen. Ordered by section, then user, then as expected.
 */
export function compareCase(
  testCase: NormalisedCase,
  result: CaseResult,
): readonly CaseDifference[] {
  const expected = readExpected(testCase)
  const users = [...new Set([...expected.users, ...result.keys()])]
  const actualOf = (user: string): CaseActual => result.get(user) ?? NOTHING_HAPPENED
  return [
    ...compareMaps('attributes', {
      users,
      expected: expected.attributes,
      actualOf: (user) => attributesOf(actualOf(user), expected.attributes?.get(user)),
      isEqual: isSameAttribute,
    }),
    ...compareEvents(expected, users, actualOf),
    ...compareMaps('cohorts', {
      users,
      expected: expected.cohorts,
      actualOf: (user) => actualOf(user).cohorts,
    }),
    ...compareSegments(expected, actualOf),
    ...compareMaps('subscription_groups', {
      users,
      expected: expected.subscriptionGroups,
      actualOf: (user) => actualOf(user).subscriptionGroups,
    }),
    ...compareRejected(expected.rejected, result),
  ]
}

function attributesOf(
  { attributes, existingOnly }: CaseActual,
  expected: ReadonlyMap<string, Json> | undefined,
): ReadonlyMap<string, Json> {
  // Looked at where it is named, since older cases do not.
  if (expected?.has(EXISTING_ONLY) !== true) return attributes
  return new Map([...attributes, [EXISTING_ONLY, existingOnly]])
}

interface MapSides {
  readonly users: readonly string[]
  readonly expected: ReadonlyMap<string, ReadonlyMap<string, Json>> | undefined
  readonly actualOf: (user: string) => ReadonlyMap<string, Json>
  /** Default: the same JSON. */
  readonly isEqual?: (wanted: Json, got: Json) => boolean
}

function compareMaps(
  section: CaseSection,
  { users, expected, actualOf, isEqual = isSameJson }: MapSides,
): readonly CaseDifference[] {
  if (expected === undefined) return []
  const all = [...new Set([...users, ...expected.keys()])]
  return all.flatMap((user) => {
    const wanted = expected.get(user) ?? new Map<string, Json>()
    const got = actualOf(user)
    const names = [...new Set([...wanted.keys(), ...got.keys()])]
    return names
      .filter(
        (name) =>
          wanted.has(name) !== got.has(name) ||
          !isEqual(wanted.get(name) ?? null, got.get(name) ?? null),
      )
      .map((name) => ({
        section,
        user,
        name,
        expected: textOf(wanted, name),
        actual: textOf(got, name),
      }))
  })
}

/** A time is sent in one form of its own, however a case writes the same instant. */
function isSameAttribute(wanted: Json, got: Json): boolean {
  if (isSameJson(wanted, got)) return true
  if (typeof wanted !== 'string' || typeof got !== 'string') return false
  const instant = parseInstant(got)
  return instant !== null && instantText(instant) === got && parseInstant(wanted) === instant
}

function textOf(values: ReadonlyMap<string, Json>, name: string): string | null {
  return values.has(name) ? canonicalText(values.get(name) ?? null) : null
}

/** Only the segments that are listed: a case need not speak of all of them. */
function compareSegments(
  { segments }: Expected,
  actualOf: (user: string) => CaseActual,
): readonly CaseDifference[] {
  return [...(segments ?? [])].flatMap(([user, wanted]) =>
    [...wanted]
      .filter(([key, member]) => (actualOf(user).segments.get(key) ?? false) !== member)
      .map(([name, member]) => ({
        section: 'segments' as const,
        user,
        name,
        expected: String(member),
        actual: String(!member),
      })),
  )
}

function compareEvents(
  { events }: Expected,
  users: readonly string[],
  actualOf: (user: string) => CaseActual,
): readonly CaseDifference[] {
  if (events === undefined) return []
  return [...new Set([...users, ...events.keys()])].flatMap((user) => {
    const wanted = events.get(user) ?? []
    const got = actualOf(user).events
    const count = Math.max(wanted.length, got.length)
    return Array.from({ length: count }, (_, index) =>
      eventDifference(user, wanted[index], got[index]),
    ).filter((difference) => difference !== null)
  })
}

function eventDifference(
  user: string,
  wanted: ExpectedEvent | undefined,
  got: SentEvent | undefined,
): CaseDifference | null {
  const name = (wanted ?? got)?.name
  if (name === undefined) return null
  if (wanted !== undefined && got !== undefined && isSameEvent(wanted, got)) return null
  const shown = got === undefined ? null : canonicalText(asWritten(got, wanted))
  return {
    section: 'events',
    user,
    name,
    expected: wanted === undefined ? null : canonicalText({ ...wanted }),
    actual: shown,
  }
}

function isSameEvent(wanted: ExpectedEvent, got: SentEvent): boolean {
  if (wanted.name !== got.name) return false
  if (wanted.time !== undefined && parseInstant(wanted.time) !== got.time) return false
  return wanted.properties === undefined || isSameJson(wanted.properties, got.properties)
}

/** The sent event with as much detail as the expectation has; all of it when none was expected. */
function asWritten(
  got: SentEvent,
  wanted: ExpectedEvent | undefined,
): { readonly [key: string]: Json } {
  return {
    name: got.name,
    ...(wanted === undefined || wanted.time !== undefined ? { time: instantText(got.time) } : {}),
    ...(wanted === undefined || wanted.properties !== undefined
      ? { properties: got.properties }
      : {}),
  }
}

interface Rejected extends RejectedInCase {
  readonly user: string
}

function compareRejected(
  expected: readonly ExpectedRejection[] | undefined,
  result: CaseResult,
): readonly CaseDifference[] {
  if (expected === undefined) return []
  const left: Rejected[] = [...result].flatMap(([user, { rejected }]) =>
    rejected.map((each) => ({ ...each, user })),
  )
  const missing: ExpectedRejection[] = []
  for (const wanted of expected) {
    const found = left.findIndex(
      (got) =>
        got.code === wanted.code &&
        (wanted.user ?? got.user) === got.user &&
        (wanted.key ?? got.key) === got.key,
    )
    if (found < 0) missing.push(wanted)
    else left.splice(found, 1)
  }
  const section = 'rejected' as const
  return [
    ...missing.map(({ code, user = '', key }) => ({
      section,
      user,
      name: code,
      expected: key ?? code,
      actual: null,
    })),
    ...left.map(({ code, user, key, message }) => ({
      section,
      user,
      name: code,
      expected: null,
      actual: `${key ?? code}: ${message}`,
    })),
  ]
}

/**
 * Differences as text for a terminal: `-` is what was expected, `+` what came.
 *
 * Shape: one heading a section, with the user when there are several; no trailing newline; empty
 * for no differences.
 */
export function differenceText(differences: readonly CaseDifference[], showUser: boolean): string {
  const lines: string[] = []
  let heading = ''
  for (const { section, user, name, expected, actual } of differences) {
    const next = showUser && user !== '' ? `${section} of ${user}` : section
    if (next !== heading) lines.push(`  ${next}`)
    heading = next
    const isNamed = section !== 'events' && section !== 'rejected'
    const show = (sign: string, text: string) =>
      lines.push(
        `    ${sign} ${isNamed ? `${name}: ` : section === 'rejected' && text !== name ? `${name} ` : ''}${text}`,
      )
    if (expected !== null) show('-', expected)
    if (actual !== null) show('+', actual)
    if (expected !== null && actual === null) lines.push('      (nothing came)')
    if (expected === null && actual !== null) lines.push('      (not expected)')
  }
  return lines.join('\n')
}
