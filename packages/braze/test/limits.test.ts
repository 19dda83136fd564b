import { existsSync, readFileSync } from 'node:fs'
import { RULES, SETTINGS } from '@engage-sync/braze-simulator'
import { describe, expect, it } from 'vitest'
import { LIMITS, RATES } from '../src/limits.ts'

const PAGE = readFileSync(new URL('../../../docs/braze-limits.md', import.meta.url), 'utf8')
const rows = PAGE.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))

describe('docs/braze-limits.md', () => {
  it.each([
    ['objects of a track request', LIMITS.trackObjects],
    ['objects of a bulk request', LIMITS.bulkObjects],
    ['objects of one profile in it', LIMITS.bulkObjectsPerProfile],
    ['ids of a cohort request, over all kinds', LIMITS.cohortIds],
    ['users of identify, merge, delete, alias, export', LIMITS.idsPerRequest],
    ['bytes of an external id', LIMITS.externalIdBytes],
    ["bytes of an alias's name and label", LIMITS.aliasBytes],
  ])('says the number of %s', (name, value) => {
    expect(rows.find((row) => row.startsWith(`| ${name} `))).toContain(
      ` ${value.toLocaleString('en')} `,
    )
  })

  it('names files that exist', () => {
    const files = rows.flatMap((row) =>
      [...row.matchAll(/`([\w./-]+\.ts)`/g)].map(([, name]) => name),
    )
    const place = (name: string) => {
      if (name.startsWith('packages/')) return `../../../${name}`
      return name.endsWith('.test.ts') ? `./${name}` : `../src/${name}`
    }

    expect(files.filter((name) => !existsSync(new URL(place(name), import.meta.url)))).toEqual([])
    expect(files.length).toBeGreaterThan(50)
  })

  it('names rules and settings the simulator has', () => {
    const known = new Set([
      ...Object.keys(RULES),
      ...Object.keys(SETTINGS),
      'partial',
      'no_message',
      'status',
      'timeout',
      'reset',
      'after_apply',
    ])
    const named = rows
      .slice(1)
      .flatMap((row) =>
        [...(row.split('|').at(-2) ?? '').matchAll(/`(\w+)[^`]*`/g)].map(([, name]) => name),
      )

    expect(named.filter((name) => !known.has(name))).toEqual([])
  })
})

describe('RATES', () => {
  it.each([
    ['track', 3, 3000],
    ['bulk', 1, 50],
    ['sync', 60, 500],
    ['users', 60, 20_000],
    ['subscription', 60, 5000],
    ['migration', 60, 1000],
  ] as const)('keeps %s within what Braze takes in %i s: %i', (group, seconds, requests) => {
    const { requestsPerSecond, windowSeconds = 1 } = RATES[group]

    expect(requestsPerSecond * seconds).toBeLessThanOrEqual(requests)
    expect(windowSeconds).toBeLessThanOrEqual(seconds)
  })
})
