import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { compileSyncs } from '../../src/mapping/compile.ts'
import { readFixtures } from './fixtures.ts'

const fixtures = readFixtures('valid')

describe('every valid configuration', () => {
  it.each(fixtures)('$name: has nothing wrong with it, and compiles', ({ files, environment }) => {
    const loaded = loadConfig(files, environment === undefined ? {} : { environment })

    expect(loaded.diagnostics).toEqual([])
    expect(compileSyncs(loaded).map(({ name }) => name)).toEqual(
      loaded.syncs.filter(({ enabled }) => enabled).map(({ name }) => name),
    )
  })

  it.each(fixtures)(
    '$name: means the same in whatever order its files come',
    ({ files, environment }) => {
      const load = (given: typeof files) =>
        compileSyncs(loadConfig(given, environment === undefined ? {} : { environment }))

      expect(load(files.toReversed()).map(({ fingerprint }) => fingerprint)).toEqual(
        load(files).map(({ fingerprint }) => fingerprint),
      )
    },
  )
})

it('has at least 60 of them', () => {
  expect(fixtures.length).toBeGreaterThanOrEqual(60)
})
