import { expect, it } from 'vitest'
import {
  allotColumns,
  buildProgram,
  chunkOf,
  compileSync,
  Folder,
  joinPrograms,
  Layout,
  loadConfig,
  neededColumns,
  OpenRows,
  Partition,
  Planner,
} from '../../src/index.ts'
import { createTestDecoder } from '../simple-decoder.ts'
import type { TestRecord } from '../simple-decoder.ts'

const { syncs } = loadConfig([
  {
    path: 'configs/engage-sync.yaml',
    text: 'version: 1\nenvironments: { local: { braze: { endpoint: simulator }, sources: { engage: { events: data } } } }\n',
  },
  {
    path: 'configs/vips.yaml',
    text: 'version: 1\nsource: engage\naudiences: { vip: { attribute: vip } }\n',
  },
])
const compiled = syncs.map((sync) => compileSync(sync))
const layout = new Layout(allotColumns([], neededColumns(compiled)))
const program = joinPrograms([buildProgram(compiled, layout, new Map())])

/** Additions and removals of the audience after one fold of these records. */
function countsOf(records: readonly TestRecord[]): { additions: number; removals: number } {
  const rows = new OpenRows(layout)
  const listener = { recordRejected: () => undefined, valueRejected: () => undefined }
  const folder = new Folder({
    program: program.fold,
    rows,
    decoder: createTestDecoder(program.fold.plan),
    listener,
  })
  const chunk = chunkOf(records.map((record) => JSON.stringify(record)))
  for (let at = folder.fold(chunk, 0); at < chunk.count; at = folder.fold(chunk, at))
    rows.open(new Partition(folder.missing, layout))
  const plan = new Planner(program, { nowMs: 100, bornNow: new Set(), digest: false })
    .planAll(rows)
    .mappings.get('vips:audiences.vip')!
  return { additions: plan.additions, removals: plan.removals }
}

it('counts a first membership as an addition', () => {
  expect(countsOf([{ user: 'ada', at: 1, audience: { vip: true } }])).toEqual({
    additions: 1,
    removals: 0,
  })
})

it('counts a first "no member" as no removal, since it takes nobody out of anything', () => {
  expect(countsOf([{ user: 'ada', at: 1, audience: { vip: false } }])).toEqual({
    additions: 0,
    removals: 0,
  })
})
