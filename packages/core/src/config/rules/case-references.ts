import { hintFor, itemAt, zip } from '@engage-sync/contract'
import { caseUsers } from '../../model/case-users.ts'
import { EXISTING_ONLY } from '../../braze/attribute-names.ts'
import type { ConfigPath } from '../../model/source-range.ts'
import { splitDottedName } from '../../names/dotted-name.ts'
import type { CaseConfig, ExpectationConfig, ProfileConfig } from '../../schema/cases.ts'
import type { ConfigDocument } from '../document/document.ts'
import { caseNamesOf } from './case-names.ts'
import type { CaseNames } from './case-names.ts'
import type { Rule } from './rule.ts'

interface Place {
  readonly document: ConfigDocument
  readonly path: ConfigPath
  readonly names: CaseNames
}

/** Cases name what their sync knows, and say which user they mean. */
export const checkCaseReferences: Rule = (context) => {
  for (const { document, config, cases } of context.cases) {
    const loaded = context.syncs.find(({ sync }) => sync.name === cases.sync)
    if (loaded === undefined || loaded.document.isPartial) continue
    const names = caseNamesOf(loaded, context)
    zip(config.cases, cases.cases).forEach(([testCase, normalised], index) => {
      const place: Place = { document, path: ['cases', index], names }
      checkGiven(place, testCase)
      if (document.isDamaged(place.path)) return
      const users = caseUsers(normalised)
      const expectation = { ...place, path: [...place.path, 'expect'] }
      if (users.length > 1) checkSeveralUsers(expectation, testCase.expect, users)
      else checkAttributes(expectation, testCase.expect.attributes, [])
      checkExpected(expectation, testCase.expect)
    })
  }
}

function checkGiven(place: Place, { profile, profiles, events = [] }: CaseConfig): void {
  if (profile !== undefined) checkProfile({ ...place, path: [...place.path, 'profile'] }, profile)
  for (const [user, each] of Object.entries(profiles ?? {}))
    checkProfile({ ...place, path: [...place.path, 'profiles', user] }, each)
  events.forEach((event, index) => {
    if ('raw' in event) return
    const at = { ...place, path: [...place.path, 'events', index] }
    checkKeys(at, {
      member: 'trait',
      noun: 'trait',
      values: event.trait,
      known: place.names.traits,
    })
    checkKeys(at, {
      member: 'audience',
      noun: 'audience',
      values: event.audience,
      known: place.names.audiences,
    })
    checkKeys(at, {
      member: 'enrichment',
      noun: 'enrichment trait',
      values: event.enrichment,
      known: place.names.enrichment,
    })
  })
}

function checkProfile(place: Place, profile: ProfileConfig): void {
  const { names } = place
  checkKeys(place, { member: 'traits', noun: 'trait', values: profile.traits, known: names.traits })
  checkKeys(place, {
    member: 'enrichment',
    noun: 'enrichment trait',
    values: profile.enrichment,
    known: names.enrichment,
  })
  checkKeys(place, {
    member: 'audiences',
    noun: 'audience',
    values: profile.audiences,
    known: names.audiences,
  })
  checkKeys(place, {
    member: 'segments',
    noun: 'segment',
    values: profile.segments,
    known: names.segments,
  })
  for (const name of Object.keys(profile.events ?? {}))
    checkName(place, ['events', name], { noun: 'event', name, known: names.allEvents })
}

interface Keys {
  readonly member: string
  readonly noun: string
  readonly values: object | undefined
  readonly known: ReadonlySet<string>
}

function checkKeys({ document, path }: Place, { member, noun, values, known }: Keys): void {
  for (const key of Object.keys(values ?? {})) {
    const isDotted = noun === 'trait' || noun === 'enrichment trait'
    if (known.has(key) || (isDotted && known.has(splitDottedName(key).name))) continue
    document.report('CASE_UNKNOWN_KEY', document.rangeOf([...path, member, key], 'key'), {
      message: `the sync does not know the ${noun} "${key}"`,
      hint:
        hintFor(key, [...known]) ??
        'Map it in the sync, or leave it out: what is not mapped is never sent.',
    })
  }
}

interface Name {
  readonly noun: string
  readonly name: string
  readonly known: ReadonlySet<string>
}

function checkName({ document, path }: Place, at: ConfigPath, { noun, name, known }: Name): void {
  if (known.has(name)) return
  document.report(
    'CASE_UNKNOWN_NAME',
    document.rangeOf([...path, ...at], at.at(-1) === 'name' ? 'value' : 'key'),
    {
      message:
        noun === 'segment'
          ? `the sync has no segment "${name}"`
          : `the sync never ${noun === 'event' ? 'sends' : 'writes'} the ${noun} "${name}"`,
      hint: hintFor(name, [...known]) ?? `No mapping of the sync has one.`,
    },
  )
}

function checkAttributes(place: Place, attributes: unknown, at: ConfigPath): void {
  if (typeof attributes !== 'object' || attributes === null) return
  for (const name of Object.keys(attributes).filter((name) => name !== EXISTING_ONLY))
    checkName(place, ['attributes', ...at, name], {
      noun: 'attribute',
      name,
      known: place.names.attributes,
    })
}

function checkExpected(place: Place, expect: ExpectationConfig): void {
  const { names } = place
  const lists = Array.isArray(expect.events)
    ? [[[], expect.events] as const]
    : Object.entries(expect.events ?? {}).map(([user, list]) => [[user], list] as const)
  for (const [at, list] of lists) {
    list.forEach((event: string | { readonly name: string }, index: number) => {
      const name = typeof event === 'string' ? event : event.name
      const own = typeof event === 'string' ? [] : ['name']
      checkName(place, ['events', ...at, index, ...own], {
        noun: 'event',
        name,
        known: names.events,
      })
    })
  }
  for (const name of Object.keys(expect.cohorts ?? {}))
    checkName(place, ['cohorts', name], { noun: 'cohort', name, known: names.cohorts })
  for (const name of Object.keys(expect.subscription_groups ?? {}))
    checkName(place, ['subscription_groups', name], {
      noun: 'subscription group',
      name,
      known: names.subscriptionGroups,
    })
  for (const name of Object.keys(expect.segments ?? {}))
    checkName(place, ['segments', name], { noun: 'segment', name, known: names.segments })
}

/** With several users every section says who is meant. */
function checkSeveralUsers(
  place: Place,
  expect: ExpectationConfig,
  users: readonly string[],
): void {
  for (const [user, values] of Object.entries(expect.attributes ?? {})) {
    if (users.includes(user)) checkAttributes(place, values, [user])
    else reportUser(place, ['attributes', user], users)
  }
  if (Array.isArray(expect.events)) {
    if (expect.events.length > 0) reportUser(place, ['events'], users)
  } else
    for (const user of Object.keys(expect.events ?? {}))
      if (!users.includes(user)) reportUser(place, ['events', user], users)
  for (const section of ['cohorts', 'segments', 'subscription_groups'] as const) {
    for (const [name, who] of Object.entries(expect[section] ?? {}))
      if (typeof who !== 'object') reportUser(place, [section, name], users)
  }
}

type Section = 'attributes' | 'events' | 'cohorts' | 'segments' | 'subscription_groups'

function reportUser(
  { document, path }: Place,
  at: readonly [Section, ...string[]],
  users: readonly string[],
): void {
  const [section] = at
  document.report('CASE_USERS', document.rangeOf([...path, ...at], 'key'), {
    message: `this case has ${users.length} users, and "${section}" does not say which of them is meant here`,
    hint: EXAMPLES[section](itemAt(users, 0)),
  })
}

const EXAMPLES: Readonly<Record<Section, (user: string) => string>> = {
  attributes: (user) => `Write the user first: \`attributes: { ${user}: { … } }\`.`,
  events: (user) => `Write the user first: \`events: { ${user}: […] }\`.`,
  cohorts: (user) => `Write \`{ add: [${user}] }\`.`,
  segments: (user) => `List its members: \`[${user}]\`.`,
  subscription_groups: (user) => `Write \`{ ${user}: subscribed }\`.`,
}
