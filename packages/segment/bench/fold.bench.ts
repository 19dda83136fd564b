/* Reads, decodes and folds a generated file, beside JSON.parse of its lines. Options: --events N --users N --rounds N */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { writeEvents } from '@engage-sync/testkit'
import type { RawChunk, RowDecoder } from '@engage-sync/contract'
import { ExactDecoder } from '../src/decode/row/exact-decoder.ts'
import { createFileSource, createRowDecoder } from '../src/index.ts'
import { FoldRun, twelveSlots } from './fold-run.ts'
import { measure, median } from './measure.ts'
import type { Sample, Subject } from './measure.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '400000' },
    users: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '5' },
  },
})
const EVENTS = Number(values.events)
const USERS = Number(values.users)
const MICROSECONDS = 1e6
/** How much of the values is new in the changed file, compared with the later one. */
const CHANGED = 0.05
const LATER_MS = Date.UTC(2026, 1, 5)
const DAY_MS = 86_400_000

const directory = await mkdtemp(join(tmpdir(), 'engage-sync-bench-'))
try {
  process.stdout.write(`${JSON.stringify(await bench(), null, 2)}\n`)
} finally {
  await rm(directory, { recursive: true, force: true })
}

async function bench(): Promise<unknown> {
  const files = fileNames()
  await writeEvents(files.plain, { events: EVENTS, users: USERS, seed: 1 })
  await writeEvents(files.later, {
    events: EVENTS,
    users: USERS,
    seed: 1,
    change: 0,
    start: LATER_MS,
  })
  await writeEvents(files.changed, {
    events: EVENTS,
    users: USERS,
    seed: 1,
    change: CHANGED,
    start: LATER_MS + DAY_MS,
  })
  const bytes = await readFile(files.plain)
  await writeFile(files.packed, gzipSync(bytes))
  const { subjects, counts, users } = subjectsOf(files)
  const samples = await measure(subjects, Number(values.rounds))
  const parse = samples.get('json_parse')!
  return {
    node: process.version,
    events: EVENTS,
    users: users(),
    bytes_per_event: Math.round(bytes.length / EVENTS),
    subjects: Object.fromEntries([...samples].map(([name, runs]) => [name, summary(runs, parse)])),
    gzip_to_plain: round(
      medianRatio(samples.get('unchanged')!, samples.get('unchanged_gzip')!, 'wall'),
    ),
    memory: await memoryOf(files.plain),
    records_by_class: counts,
  }
}

function fileNames() {
  const at = (name: string): string => join(directory, name)
  return {
    plain: at('events.ndjson'),
    packed: at('events.ndjson.gz'),
    later: at('later.ndjson'),
    changed: at('changed.ndjson'),
  }
}

/**
 * What is measured, each once a round in this order: the rows of a first load are what the later
 * ones are compared with.
 */
function subjectsOf({ plain, packed, later, changed }: ReturnType<typeof fileNames>) {
  const program = twelveSlots()
  const counts: Record<string, readonly number[]> = {}
  let run = new FoldRun(program)
  const foldInto = async (name: string, path: string): Promise<void> => {
    await eachChunk(path, (chunk) => run.fold(chunk))
    counts[name] = run.counts
    run.deliver()
  }
  const decodeWith = (decoder: RowDecoder) => () =>
    eachChunk(plain, (chunk) =>
      eachRecord(chunk, (start, end) => decoder.decode(chunk.bytes, start, end)),
    )
  const first = (): Promise<void> => {
    run = new FoldRun(program)
    return foldInto('first_load', plain)
  }
  const subjects: readonly Subject[] = [
    { name: 'json_parse', run: () => eachChunk(plain, parseLines) },
    { name: 'read_and_split', run: () => eachChunk(plain, () => {}) },
    { name: 'read_and_split_gzip', run: () => eachChunk(packed, () => {}) },
    { name: 'decode_exact', run: decodeWith(new ExactDecoder(program.plan)) },
    { name: 'decode', run: decodeWith(createRowDecoder(program.plan)) },
    { name: 'first_load', run: first },
    { name: 'unchanged', run: () => foldInto('unchanged', plain) },
    { name: 'unchanged_gzip', run: () => foldInto('unchanged_gzip', packed) },
    { name: 'later_day', run: () => foldInto('later_day', later) },
    { name: 'changed_5_percent', run: () => foldInto('changed_5_percent', changed) },
  ]
  return { subjects, counts, users: () => run.users }
}

/** In a process of its own, so that nothing else is in it. */
async function memoryOf(path: string): Promise<unknown> {
  const script = fileURLToPath(new URL('memory.bench.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...process.execArgv,
    script,
    path,
  ])
  return JSON.parse(stdout) as unknown
}

/**
 * Medians; a ratio compares each run with the JSON.parse of its own round, and above 1 is faster.
 */
function summary(
  runs: readonly Sample[],
  parse: readonly Sample[],
): Readonly<Record<string, number>> {
  return {
    wall_us_per_event: round((median(runs.map(({ wall }) => wall)) * MICROSECONDS) / EVENTS),
    cpu_us_per_event: round((median(runs.map(({ cpu }) => cpu)) * MICROSECONDS) / EVENTS),
    wall_ratio: round(medianRatio(parse, runs, 'wall')),
    cpu_ratio: round(medianRatio(parse, runs, 'cpu')),
  }
}

function medianRatio(
  slower: readonly Sample[],
  faster: readonly Sample[],
  part: keyof Sample,
): number {
  return median(faster.map((run, round) => slower[round][part] / run[part]))
}

async function eachChunk(path: string, use: (chunk: RawChunk) => void): Promise<void> {
  for await (const chunk of createFileSource({ path, root: '/' }).read(
    null,
    new AbortController().signal,
  ))
    use(chunk)
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
