import { describe, expect, it } from 'vitest'
import {
  allotColumns,
  buildProgram,
  compileSync,
  Folder,
  Layout,
  loadConfig,
  narrowProgram,
  neededColumns,
  OpenRows,
  Partition,
  RecordClasses,
} from '../../src/index.ts'
import { chunkOf } from '../../src/index.ts'
import type { FoldPass } from '../../src/index.ts'
import { createTestDecoder } from '../simple-decoder.ts'

const PROJECT =
  'version: 1\nenvironments:\n  local:\n    braze: { endpoint: simulator }\n    sources: { engage: { events: data } }\n'
const SYNC = `version: 1
source: engage
traits:
  plan: plan
  worth: { attribute: worth, type: number, event: Worth }
audiences:
  vip: vip
segments:
  rich: { when: { trait: worth, more_than: 5 }, attribute: rich }
  poor: { when: { trait: worth, less_than: 3 }, attribute: poor }
`
const syncs = loadConfig([
  { path: 'configs/engage-sync.yaml', text: PROJECT },
  { path: 'configs/shop.yaml', text: SYNC },
]).syncs.map((sync) => compileSync(sync))
const layout = new Layout(allotColumns([], neededColumns(syncs)))
const program = buildProgram(syncs, layout, new Map())
const narrow = (...ids: readonly string[]) =>
  narrowProgram(program, new Set(ids.map((id) => `shop:${id}`)))
const keysOf = (ids: readonly string[]) => {
  const { plan } = narrow(...ids)
  return plan.keys.filter((_, index) => plan.only![index] === 1).map(({ key }) => key)
}

describe('a program for some mappings', () => {
  it.each([
    [[], []],
    [['traits.plan'], ['plan']],
    [
      ['audiences.vip', 'traits.worth'],
      ['worth', 'vip'],
    ],
    [['segments.poor'], ['worth']],
    [['segments.gone'], []],
  ])('gives the values these want: %j', (ids, keys) => {
    expect(keysOf(ids)).toEqual(keys)
  })

  it('knows records and users as the whole program does', () => {
    const { plan, syncs: same, identityOfSync } = narrow('traits.plan')

    expect({ plan: { ...plan, only: undefined }, same, identityOfSync }).toEqual({
      plan: { ...program.plan, only: undefined },
      same: program.syncs,
      identityOfSync: program.identityOfSync,
    })
  })

  it('folds no slot of a mapping beside a segment, and renews what every segment knows of its trait', () => {
    const [worth] = narrow('segments.rich').keys.flat()

    expect(worth.slots).toEqual([])
    expect(worth.operands.flatMap(({ leaves }) => leaves)).toHaveLength(2)
  })

  it('folds all slots of a mapping, and nothing that filters know of its trait', () => {
    const [worth] = narrow('traits.worth').keys.flat()

    expect(worth.slots.map(({ kind }) => kind)).toEqual(['attribute', 'event'])
    expect(worth.operands).toEqual([])
  })
})

describe('history', () => {
  const records = [
    { user: 'u1', at: 1, trait: { worth: 1 } },
    { user: 'u1', at: 1, trait: { unknown: 1 } },
    { user: 'u2', at: 2, trait: { worth: 2 } },
  ].map((record) => JSON.stringify(record))

  function fold(passes: number) {
    const classes = new RecordClasses()
    const all = Array.from({ length: passes }, (_, number) => {
      const only = Uint8Array.from({ length: 64 }, (__, partition) =>
        Number(partition % passes === number),
      )
      const pass: FoldPass | null =
        passes === 1 ? null : { only, owners: null, isFirst: number === 0, classes }
      const rows = new OpenRows(layout)
      for (let partition = 0; partition < 64; partition++)
        rows.open(new Partition(partition, layout))
      const listener = { recordRejected: () => undefined, valueRejected: () => undefined }
      const some = narrow('traits.worth')
      const folder = new Folder({
        program: some,
        rows,
        decoder: createTestDecoder(some.plan),
        listener,
        pass,
        isHistory: true,
      })
      folder.fold(chunkOf(records), 0)
      return folder
    })
    classes.addTo(all[0].totals)
    return all
  }

  it.each([1, 2, 8])(
    'counts what says nothing to the program as skipped, in %i passes',
    (passes) => {
      const folders = fold(passes)
      const sum = (of: (folder: Folder) => Float64Array) =>
        folders.map(of).reduce((a, b) => a.map((count, index) => count + b[index]))

      // unmapped, skipped, unchanged, duplicate, stale, changed, rejected
      expect([...sum(({ totals }) => totals.records)]).toEqual([0, 1, 0, 0, 0, 2, 0])
      expect([...sum(({ counts }) => counts[0].records)]).toEqual([0, 1, 0, 0, 0, 2, 0])
      expect(
        folders.flatMap(({ reasons }) => reasons.list().map(({ code, count }) => [code, count])),
      ).toEqual([['SKIPPED_HISTORY', 1]])
      expect(folders.flatMap(({ unmapped }) => unmapped.list())).toEqual([])
    },
  )
})
