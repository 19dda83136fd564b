/* Reads, decodes and folds a generated file, beside JSON.parse of its lines. Options: --events N --users N --rounds N */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { RawChunk } from '@engage-sync/core'
import { writeEvents } from '@engage-sync/testkit'
import { createFileSource, createRowDecoder } from '../src/index.ts'
import { FoldRun, twelveSlots } from './fold-run.ts'
import { measure, median } from './measure.ts'
import type { Sample } from './measure.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '400000' },
    users: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
  },
})
const EVENTS = Number(values.events)
const USERS = Number(values.users)
const MICROSECONDS = 1e6

const directory = await mkdtemp(join(tmpdir(), 'engage-sync-bench-'))
try {
  process.stdout.write(`${JSON.stringify(await bench(), null, 2)}\n`)
} finally {
  await rm(directory, { recursive: true, force: true })
}

async function bench(): Promise<unknown> {
  const plain = join(directory, 'events.ndjson')
  const packed = join(directory, 'events.ndjson.gz')
  await writeEvents(plain, { events: EVENTS, users: USERS, seed: 1 })
  const bytes = await readFile(plain)
  await writeFile(packed, gzipSync(bytes, { level: 6 }))
  const program = twelveSlots()
  const decoder = createRowDecoder(program.plan)
  let kept = new FoldRun(program)
  const counts: Record<string, readonly number[]> = {}
  const foldInto = async (name: string, path: string): Promise<void> => {
    await eachChunk(path, (chunk) => kept.fold(chunk))
    counts[name] = kept.counts
    kept.deliver()
  }
  const all = [
    { name: 'json_parse', run: () => eachChunk(plain, parseLines) },
    { name: 'read_split', run: () => eachChunk(plain, () => {}) },
    { name: 'read_split_gzip', run: () => eachChunk(packed, () => {}) },
    { name: 'decode', run: () => eachChunk(plain, (chunk) => eachRecord(chunk, (start, end) => decoder.decode(chunk.bytes, start, end))) },
    {
      name: 'first_load',
      run: () => {
        kept = new FoldRun(program)
        return foldInto('first_load', plain)
      },
    },
    { name: 'unchanged', run: () => foldInto('unchanged', plain) },
    { name: 'unchanged_gzip', run: () => foldInto('unchanged_gzip', packed) },
  ]
  const subjects = all.filter(({ name }) => values.only === undefined || values.only.split(',').includes(name))
  const samples = await measure(subjects, Number(values.rounds))
  return {
    events: EVENTS,
    users: kept.users,
    bytes_per_event: Math.round(bytes.length / EVENTS),
    bytes_per_user: Math.round(kept.byteLength / Math.max(1, kept.users)),
    subjects: Object.fromEntries([...samples].map(([name, runs]) => [name, summary(runs, samples.get('json_parse'))])),
    counts,
  }
}

function summary(runs: readonly Sample[], parse: readonly Sample[] | undefined): Readonly<Record<string, number>> {
  const wall = median(runs.map((run) => run.wall))
  const cpu = median(runs.map((run) => run.cpu))
  const ratio = (part: 'wall' | 'cpu') =>
    parse === undefined ? Number.NaN : round(median(runs.map((run, index) => parse[index][part] / run[part])))
  return {
    wall_us_per_event: round((wall * MICROSECONDS) / EVENTS),
    cpu_us_per_event: round((cpu * MICROSECONDS) / EVENTS),
    wall_ratio: ratio('wall'),
    cpu_ratio: ratio('cpu'),
  }
}

async function eachChunk(path: string, use: (chunk: RawChunk) => void): Promise<void> {
  for await (const chunk of createFileSource({ path, root: '/' }).read(null, new AbortController().signal)) use(chunk)
}

function eachRecord({ spans, count }: RawChunk, use: (start: number, end: number) => void): void {
  for (let record = 0; record < count; record++) use(spans[record * 2], spans[record * 2 + 1])
}

function parseLines(chunk: RawChunk): void {
  const bytes = Buffer.from(chunk.bytes.buffer, chunk.bytes.byteOffset, chunk.bytes.byteLength)
  eachRecord(chunk, (start, end) => JSON.parse(bytes.toString('utf8', start, end)))
}

function round(value: number): number {
  return Number(value.toFixed(3))
}
