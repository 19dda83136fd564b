/* Compares the row decoder with JSON.parse of the same lines: node --conditions=engage-sync-source bench/decode.bench.ts [events] */
import type { DecodePlan, RowDecoder } from '@engage-sync/core'
import { EXAMPLE_COMPUTATIONS, generateEvents } from '@engage-sync/testkit'
import { ExactDecoder } from '../src/decode/exact-decoder.ts'
import { ProjectDecoder } from '../src/decode/project/project-decoder.ts'

const EVENTS = Number(process.argv[2] ?? 200_000)
const ROUNDS = 5

const plan: DecodePlan = {
  keys: [
    ...EXAMPLE_COMPUTATIONS.slice(0, 12).map(({ class: named, key }) => ({
      kind: named === 'audience' ? ('audience' as const) : ('trait' as const),
      key,
      path: [],
    })),
    { kind: 'enrichment', key: 'firstName', path: [] },
    { kind: 'enrichment', key: 'address', path: ['city'] },
  ],
  identities: [{ externalId: { from: 'userId' }, alias: { from: 'anonymousId', label: 'segment_anonymous_id' } }],
  timeField: 'timestamp',
}

const lines = [...generateEvents({ events: EVENTS, users: Math.ceil(EVENTS / 2), seed: 7 })]
const bytes = Buffer.from(`${lines.join('\n')}\n`)
const spans = new Int32Array(EVENTS * 2)
for (let line = 0, at = 0; line < EVENTS; line++) {
  const end = bytes.indexOf(10, at)
  spans[line * 2] = at
  spans[line * 2 + 1] = end
  at = end + 1
}

const project = new ProjectDecoder(plan)
const subjects: Readonly<Record<string, () => number>> = {
  'JSON.parse': () => {
    let found = 0
    for (let line = 0; line < EVENTS; line++) {
      if (JSON.parse(bytes.toString('utf8', spans[line * 2], spans[line * 2 + 1])) !== null) found++
    }
    return found
  },
  projection: () => decodeAll(project),
  exact: () => decodeAll(new ExactDecoder(plan)),
}

function decodeAll(decoder: RowDecoder): number {
  let found = 0
  for (let line = 0; line < EVENTS; line++) {
    if (decoder.decode(bytes, spans[line * 2], spans[line * 2 + 1]).count > 0) found++
  }
  return found
}

const cpu: Record<string, number[]> = {}
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, subject] of Object.entries(subjects)) {
    if (name === 'exact' && round > 1) continue
    const before = process.cpuUsage()
    subject()
    const used = process.cpuUsage(before)
    ;(cpu[name] ??= []).push((used.user + used.system) / EVENTS)
  }
}

const best = Object.fromEntries(Object.entries(cpu).map(([name, runs]) => [name, Math.min(...runs)]))
const result = {
  events: EVENTS,
  bytes_per_event: Math.round(bytes.length / EVENTS),
  left_to_exact: project.unusual / ROUNDS / EVENTS,
  scanned: project.scanned / ROUNDS / EVENTS,
  engines: Object.entries(best).map(([name, microseconds]) => ({
    name,
    microseconds_per_event: Number(microseconds.toFixed(2)),
    events_per_second: Math.round(1e6 / microseconds),
    ratio_to_json_parse: Number((best['JSON.parse'] / microseconds).toFixed(2)),
  })),
}
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
