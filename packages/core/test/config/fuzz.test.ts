import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Json } from '@engage-sync/contract'
import { readExpected } from '../../src/cases/expected.ts'
import { caseRecords } from '../../src/cases/records.ts'
import { hasErrors } from '../../src/config/document/diagnostics.ts'
import type { ConfigFile } from '../../src/config/document/file-kind.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { LoadedConfig } from '../../src/config/load.ts'
import { compileSyncs } from '../../src/mapping/compile.ts'
import type { CompiledMapping } from '../../src/mapping/compiled.ts'
import { readFixtures } from './fixtures.ts'
import { mutate, mutations } from './mutate.ts'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 400)
const fixtures = [...readFixtures('valid'), ...readFixtures('invalid')].filter(
  ({ name }) => name !== 'yaml-too-large',
)
const ODD_VALUES: readonly Json[] = [
  null,
  '',
  'x',
  'x'.repeat(300),
  '7',
  0,
  -1.5,
  1e300,
  true,
  false,
  [],
  ['a', 'a', null],
  [[]],
  {},
  { a: null },
]

function expectSoundDiagnostics(loaded: LoadedConfig, files: readonly ConfigFile[]): void {
  for (const { path, line, column, endLine, endColumn, message, excerpt } of loaded.diagnostics) {
    const lines = (files.find((file) => file.path === path)?.text ?? '').split('\n')
    expect(line).toBeGreaterThanOrEqual(1)
    expect(line).toBeLessThanOrEqual(lines.length)
    expect(column).toBeGreaterThanOrEqual(1)
    expect(column).toBeLessThanOrEqual(lines[line - 1].length + 1)
    expect(endLine > line || (endLine === line && endColumn >= column)).toBe(true)
    expect(message).not.toMatch(/undefined|\[object|NaN/)
    expect(excerpt).not.toContain('\n')
  }
}

/** Uses everything that validation let through. */
function useConfig(loaded: LoadedConfig): void {
  const compiled = compileSyncs(loaded)
  for (const { mappings, segments } of compiled) {
    for (const mapping of mappings) ODD_VALUES.forEach((value) => useMapping(mapping, value))
    for (const { filter } of segments) {
      for (const leaf of filter.leaves)
        if (leaf.type === 'value') ODD_VALUES.forEach((value) => leaf.test(value))
      filter.evaluate(() => true)
    }
  }
  for (const { sync, cases } of loaded.cases) {
    const tested = loaded.syncs.find(({ name }) => name === sync)
    for (const testCase of cases) {
      readExpected(testCase)
      if (tested !== undefined) caseRecords(testCase, tested.identity)
    }
  }
}

function useMapping({ encodings, cast }: CompiledMapping, value: Json): void {
  cast(value)
  for (const encoding of encodings) {
    if (encoding.kind === 'attribute' || encoding.kind === 'event') encoding.encode(value)
    if (encoding.kind === 'event' && encoding.nameFor(value) !== null) encoding.propertiesFor(value)
  }
}

it('gives diagnostics for whatever is in the files, and never throws; what passes validation works', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...fixtures),
      fc.nat(),
      mutations,
      ({ files, environment }, pick, changes) => {
        const chosen = pick % files.length
        const changed = files.map((file, index) =>
          index === chosen ? { ...file, text: mutate(file.text, changes) } : file,
        )
        const loaded = loadConfig(changed, environment === undefined ? {} : { environment })
        expectSoundDiagnostics(loaded, changed)
        if (!hasErrors(loaded.diagnostics)) useConfig(loaded)
      },
    ),
    { numRuns: RUNS },
  )
})

it('takes any text at all', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom('engage-sync.yaml', 'shop.yaml', 'shop.cases.yaml'),
      (text, name) => {
        const files = [{ path: `configs/${name}`, text }]
        expectSoundDiagnostics(loadConfig(files), files)
      },
    ),
    { numRuns: RUNS },
  )
})
