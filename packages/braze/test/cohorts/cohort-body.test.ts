import { describe, expect, it } from 'vitest'
import { compareEntries, readCohortBody, writeCohortBody } from '../../src/cohorts/cohort-body.ts'
import type { CohortEntry } from '../../src/cohorts/cohort-body.ts'

const ENTRIES: readonly CohortEntry[] = [
  { field: 'user_ids', id: 'a', remove: false },
  { field: 'aliases', id: { alias_name: 'b', alias_label: 'l' }, remove: false },
  { field: 'user_ids', id: 'c', remove: true },
  { field: 'aliases', id: { alias_name: 'd', alias_label: 'l' }, remove: true },
]

describe('writeCohortBody', () => {
  it('writes additions, then removals', () => {
    expect(JSON.parse(Buffer.from(writeCohortBody('vip', ENTRIES)).toString('utf8'))).toEqual({
      cohort_id: 'vip',
      cohort_changes: [
        { user_ids: ['a'], aliases: [{ alias_name: 'b', alias_label: 'l' }] },
        { user_ids: ['c'], aliases: [{ alias_name: 'd', alias_label: 'l' }], should_remove: true },
      ],
    })
  })

  it('leaves out what is empty', () => {
    expect(Buffer.from(writeCohortBody('vip', ENTRIES.slice(2, 3))).toString('utf8')).toBe(
      '{"cohort_id":"vip","cohort_changes":[{"user_ids":["c"],"should_remove":true}]}',
    )
    expect(Buffer.from(writeCohortBody('vip', [])).toString('utf8')).toBe(
      '{"cohort_id":"vip","cohort_changes":[]}',
    )
  })
})

describe('readCohortBody', () => {
  it('reads what was written, in order', () => {
    expect(readCohortBody(writeCohortBody('vip', ENTRIES))).toEqual({
      cohortId: 'vip',
      entries: ENTRIES,
    })
  })
})

describe('compareEntries', () => {
  it('orders as a body does', () => {
    expect(ENTRIES.toReversed().toSorted(compareEntries)).toEqual(ENTRIES)
  })
})
