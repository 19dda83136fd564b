import { closest } from '@engage-sync/contract'
import type { ConfigPath } from '../../model/source-range.ts'
import type { CaseConfig, CaseEventConfig, ProfileConfig } from '../../schema/cases.ts'
import { parseInstant } from '../../values/instant.ts'
import type { ConfigDocument } from '../document/document.ts'
import { kindOfFile, syncNameOf } from '../document/file-kind.ts'
import type { Rule } from './rule.ts'

/** A cases file stands beside the sync it tests. */
export const checkCasesHaveSync: Rule = ({ documents, cases }) => {
  const syncs = documents
    .filter(({ path }) => kindOfFile(path) === 'sync')
    .map(({ path }) => syncNameOf(path))
  for (const { document, cases: file } of cases) {
    if (syncs.includes(file.sync)) continue
    const near = closest(file.sync, syncs)
    document.report('CASES_WITHOUT_SYNC', document.toRange({ start: 0, end: 0 }), {
      message: `there is no sync "${file.sync}" for these cases`,
      hint:
        near === null
          ? 'Name the file after its sync: `shoppers.cases.yaml` tests `shoppers.yaml`.'
          : `Did you mean "${near}.cases.yaml"?`,
    })
  }
}

/** Each case of a file has a name of its own. */
export const checkCaseNames: Rule = ({ cases }) => {
  for (const { document, config } of cases) {
    const seen = new Set<string>()
    config.cases.forEach(({ name }, index) => {
      if (seen.has(name)) {
        document.report('CASE_NAME_TWICE', document.rangeOf(['cases', index, 'name']), {
          message: 'a case before this one has the same name',
          hint: 'Say what this one shows that the other does not.',
        })
      }
      seen.add(name)
    })
  }
}

/** Times in cases can be read. */
export const checkCaseTimes: Rule = ({ cases }) => {
  for (const { document, config } of cases) {
    for (const [text, path] of [
      [config.now, ['now']] as const,
      ...config.cases.flatMap(timesOfCase),
    ]) {
      if (text === undefined || parseInstant(text) !== null) continue
      document.report('CASE_TIME', document.rangeOf(path), {
        message: `"${text}" is no time`,
        hint: 'Times are ISO 8601, e.g. `2026-01-05T10:00:00Z`.',
      })
    }
  }
}

type PlacedTime = readonly [text: string | undefined, path: ConfigPath]

function timesOfCase(
  { now, profile, profiles, events, expect }: CaseConfig,
  index: number,
): readonly PlacedTime[] {
  const place = ['cases', index]
  const found: PlacedTime[] = [
    [now, [...place, 'now']],
    ...timesOfProfile(profile, [...place, 'profile']),
  ]
  for (const [user, each] of Object.entries(profiles ?? {}))
    found.push(...timesOfProfile(each, [...place, 'profiles', user]))
  ;(events ?? []).forEach((event, at) => {
    if (!('raw' in event)) found.push([event.at, [...place, 'events', at, 'at']])
  })
  const expected = expect.events ?? []
  const byUser = Array.isArray(expected) ? [[null, expected] as const] : Object.entries(expected)
  for (const [user, list] of byUser) {
    list.forEach((event: string | { readonly time?: string }, at: number) => {
      if (typeof event !== 'string')
        found.push([
          event.time,
          [...place, 'expect', 'events', ...(user === null ? [] : [user]), at, 'time'],
        ])
    })
  }
  return found
}

function timesOfProfile(
  profile: ProfileConfig | undefined,
  path: ConfigPath,
): readonly PlacedTime[] {
  return Object.entries(profile?.events ?? {}).flatMap(([name, times]) =>
    Array.isArray(times)
      ? times.map((time: string, index): PlacedTime => [time, [...path, 'events', name, index]])
      : [],
  )
}

/** Each event of a case is one computation's. */
export const checkCaseEvents: Rule = ({ cases }) => {
  for (const { document, config } of cases) {
    config.cases.forEach(({ events = [] }, index) => {
      events.forEach((event, at) => checkEvent(document, event, ['cases', index, 'events', at]))
    })
  }
}

function checkEvent(document: ConfigDocument, event: CaseEventConfig, path: ConfigPath): void {
  if ('raw' in event || document.isDamaged(path)) return
  const traits = Object.keys(event.trait ?? {}).length
  const audiences = Object.keys(event.audience ?? {}).length
  if (traits > 0 !== audiences > 0) return
  document.report('CASE_EVENT_EMPTY', document.rangeOf(path), {
    message:
      traits > 0
        ? 'one event carries a trait or an audience, not both'
        : 'this event carries neither a trait nor an audience',
    hint:
      traits > 0
        ? 'Write two events.'
        : 'E.g. `{ trait: { lifetime_value: 120 } }` or `{ audience: { vip: true } }`.',
  })
}
