import type { NormalisedCase, NormalisedCases } from '../../model/case.ts'
import type { CaseConfig, CasesConfig } from '../../schema/cases.ts'
import { parseInstant } from '../../values/instant.ts'
import { entriesOf } from './reader.ts'
import type { Ranges } from './reader.ts'

/** The time of the run for cases that name none. */
export const DEFAULT_CASE_NOW = '2026-01-15T00:00:00Z'
/** The user of cases that name none. */
export const DEFAULT_CASE_USER = 'u1'

/** Brings a cases file into its long form. @param sync - name of the sync it tests */
export function normaliseCases(config: CasesConfig, sync: string, ranges: Ranges): NormalisedCases {
  const now = config.now ?? DEFAULT_CASE_NOW
  return {
    sync,
    path: ranges.document.path,
    cases: config.cases.map((each, index) => normaliseCase(each, now, { index, ranges })),
  }
}

function normaliseCase(
  config: CaseConfig,
  now: string,
  { index, ranges }: { index: number; ranges: Ranges },
): NormalisedCase {
  const user = config.user ?? DEFAULT_CASE_USER
  const profiles = new Map(entriesOf(config.profiles))
  if (config.profile !== undefined) profiles.set(user, config.profile)
  return {
    name: config.name,
    nowMs: parseInstant(config.now ?? now) ?? Date.parse(DEFAULT_CASE_NOW),
    user,
    profiles,
    events: config.events ?? [],
    expect: config.expect,
    range: ranges.rangeOf(['cases', index]),
    expectRange: ranges.rangeOf(['cases', index, 'expect']),
  }
}
