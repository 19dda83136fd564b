/*
 * Windows: how long a record takes from the moment it came to the commit of its window, at a steady rate with every
 * record changing something, beside the answer time of the destination; and what it costs of CPU, beside
 * `JSON.parse` of the same records, in one run.
 *
 * `node packages/runner/bench/serve.bench.ts [--rate 2000] [--seconds 10] [--users 20000] [--answer 50] [--slow 0]
 * [--resident 20000] [--viewers 0] [--batch 0] [--every] [--answered] [--json]`; `--slow 1`: one answer in 100 takes 60 times as
 * long; `--answered`: also how long records wait for the last answer to their own requests, without users who met a
 * slow one; `--resident`: so many users are in memory, of whom `--users` change; `--viewers`: what so many who look at `/debug` cost of a core.
 * `--every`: events of every computation, as Engage sends them, through every encoding, in place of one attribute.
 * `--batch 900`: as many records, but 900 come whenever a window ended, whatever the clock says: what a record costs
 * on a machine that has other work, too.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createBrazeDestination } from '@engage-sync/braze'
import { compileSync, loadConfig } from '@engage-sync/core'
import type { RawChunk, SourcePosition, StreamSource } from '@engage-sync/core'
import { createRowDecoder } from '@engage-sync/segment'
import { INCREMENTAL } from '../src/engine/index.ts'
import { openStream } from '../src/engine/stream/index.ts'
import { openSqlite } from '../src/state/sqlite/open-sqlite.ts'
import { ChangingRecords } from './changing-records.ts'
import { MadeRecords } from './made-records.ts'
import { EVERY_ENCODING } from './project.ts'
import { startSink } from './sink.ts'
import { Viewers } from './viewers.ts'

const { values: flags } = parseArgs({
  options: {
    rate: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '10' },
    users: { type: 'string', default: '20000' },
    answer: { type: 'string', default: '50' },
    slow: { type: 'string', default: '0' },
    answered: { type: 'boolean', default: false },
    every: { type: 'boolean', default: false },
    resident: { type: 'string', default: '0' },
    batch: { type: 'string', default: '0' },
    viewers: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
  },
})
const rate = Number(flags.rate)
const seconds = Number(flags.seconds)
const users = Number(flags.users)
const answerMs = Number(flags.answer)
const batch = Number(flags.batch)
const resident = Math.max(users, Number(flags.resident))
/** Records that are made at once to fill the memory. */
const FILLED = 50_000
/** How often records come, milliseconds. */
const TICK_MS = 20
/** In batches nothing is late, whatever else the machine does. */
const NEVER_LATE_MS = 60_000
/** Before what is measured: a server runs for days, and so it is compiled. */
const WARM_SECONDS = 5

const PROJECT = `version: 1
environments: { local: { braze: { endpoint: simulator }, sources: { engage: { events: data } } } }
`
const SYNC = `version: 1
source: engage
backfill: true
identity: { external_id: userId }
traits: { lifetime_value: { attribute: ltv, type: number }, plan: plan }
`

let now = 0
let serial = 0
/** When each record was made, by its value. */
const madeMs: number[] = []

/** How many records are parsed to know what that takes, and how often: the least counts. */
const PARSED = 20_000
const PARSE_ROUNDS = 5
/** Made before anything is measured, since that takes as long as what is measured. */
const everyKind = flags.every ? madeRecords() : null

function madeRecords(): MadeRecords {
  const changing = new ChangingRecords(users)
  const count = resident + Math.ceil(rate * (WARM_SECONDS + seconds) * 1.05) + PARSED + batch
  const startMs = Date.now()
  return new MadeRecords(count, (number) => changing.text(number, startMs + number / 100))
}

/** Records whose values are new each time. @param among - users they tell of */
function record(among = users): Uint8Array {
  const number = serial++
  madeMs[number] = Date.now()
  if (everyKind !== null) return everyKind.at(number)
  return Buffer.from(
    JSON.stringify({
      type: 'identify',
      messageId: `m-${number}`,
      userId: `user-${number % among}`,
      timestamp: new Date(Date.now() + now++ / 1000).toISOString(),
      channel: 'server',
      traits: { lifetime_value: number },
      context: {
        personas: {
          computation_class: 'trait',
          computation_key: 'lifetime_value',
          computation_id: 'gf_1',
          namespace: 'spa_1',
        },
      },
    }),
  )
}

/** Bytes that came and were not read yet, as from a disk. */
class Inbox implements StreamSource {
  readonly name = 'inbox'
  #chunks: RawChunk[] = []
  #position = 0
  #wake: () => void = () => undefined

  add(records: readonly Uint8Array[]): void {
    this.#position += records.length
    let end = 0
    this.#chunks.push({
      bytes: Buffer.concat(records),
      spans: Int32Array.from(records.flatMap(({ length }) => [end, (end += length)])),
      count: records.length,
      position: this.#position,
      origin: { name: 'inbox', firstRecord: this.#position - records.length + 1 },
      rejected: [],
    })
    this.#wake()
  }

  async *read(): AsyncGenerator<RawChunk> {
    yield* this.#chunks.splice(0)
  }

  async *follow(_: SourcePosition | null, signal: AbortSignal): AsyncGenerator<RawChunk> {
    signal.addEventListener('abort', () => this.#wake(), { once: true })
    while (!signal.aborted) {
      if (this.#chunks.length > 0) yield* this.#chunks.splice(0)
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}

/** P: what parsing such records takes, microseconds each. */
function parseMicros(): number {
  const bytes = Array.from({ length: PARSED }, () => Buffer.from(record()))
  const rounds = Array.from({ length: PARSE_ROUNDS }, () => {
    const { user: before } = process.threadCpuUsage()
    for (const each of bytes) JSON.parse(each.toString('utf8'))
    return (process.threadCpuUsage().user - before) / PARSED
  })
  return Math.min(...rounds)
}

const directory = mkdtempSync(join(tmpdir(), 'engage-sync-serve-'))
const sink = await startSink({ answerDelayMs: answerMs })
const loaded = loadConfig([
  { path: 'configs/engage-sync.yaml', text: PROJECT },
  { path: 'configs/shop.yaml', text: flags.every ? EVERY_ENCODING : SYNC },
])
const store = openSqlite({
  path: join(directory, 'state.sqlite'),
  environment: 'local',
  workspace: 'bench',
  create: true,
  now: Date.now,
})
const destination = createBrazeDestination({
  endpoint: sink.url,
  apiKey: 'simulator',
  cohorts: { partner: 'simulator', partnerApiKey: 'simulator', clientSecret: 'simulator' },
})
/** When the last request that told of a record was answered, by its number. */
const answeredAtMs: number[] = []
const slowUsers = new Set<number>()
if (flags.slow === '1' || flags.answered) {
  const send = destination.send.bind(destination)
  let requests = 0
  destination.send = async (request, signal) => {
    const isSlow = flags.slow === '1' && ++requests % 100 === 0
    const told = flags.answered ? usersOf(request.body) : []
    const records = told.map(lastRecordOf)
    if (isSlow) {
      for (const user of told) slowUsers.add(user)
      await pause(answerMs * 59)
    }
    const answer = await send(request, signal)
    for (const number of records) answeredAtMs[number] = Date.now()
    return answer
  }
}
const inbox = new Inbox()
const syncs = loaded.syncs.map((sync) => compileSync(sync))
const viewers = new Viewers(syncs)
const source = viewers.watch.source('engage', {
  name: inbox.name,
  read: () => inbox.read(),
  follow: (from, signal) => inbox.follow(from, signal),
})
const waits: number[] = []
let isMeasured = false
/** Told of the next window that ends. */
let windowEnded = (): void => undefined
const stop = new AbortController()
const stream = await openStream({
  environment: 'local',
  syncs,
  sources: new Map([['engage', source]]),
  streams: [source],
  windowMs: 0,
  createDecoder: createRowDecoder,
  destination: viewers.watch.destination(destination),
  store,
  guards: {
    maxRemovals: 1,
    minRemovals: 1e9,
    maxAdditions: 1e6,
    maxDataPoints: null,
    emptySource: 'allow',
  },
  onUnknown: 'verify',
  deadLetterDays: 30,
  allow: [],
  kind: INCREMENTAL,
  actor: null,
  commit: null,
  now: Date.now,
  observe: () => undefined,
  signal: stop.signal,
  ...(batch > 0 && { lateMs: NEVER_LATE_MS }),
  onWindow: (window) => {
    viewers.windowEnded(window)
    windowEnded()
    const { startedMs, ms, records, oldestMs } = window
    if (!isMeasured || oldestMs === null) return
    const ended = startedMs + ms
    for (let each = 0; each < records; each++)
      waits.push(ended - oldestMs - ((startedMs - oldestMs) * each) / records)
  },
})
const ended = stream.run(stop.signal)
try {
  for (let filled = 0; filled < resident; filled += FILLED) {
    inbox.add(Array.from({ length: Math.min(FILLED, resident - filled) }, () => record(resident)))
    while (stream.status().records.read < serial) await pause(20)
  }
  while (stream.status().state !== 'running') await pause(20)
  await come(WARM_SECONDS)
  const windowsBefore = stream.status().windows
  isMeasured = true
  const firstMeasured = serial
  const cpu = process.cpuUsage()
  const making = await come(seconds)
  const used = process.cpuUsage(cpu)
  const windows = stream.status().windows - windowsBefore
  isMeasured = false
  const answered = answeredMs(firstMeasured, serial)
  const own = (share: number) => answered[Math.floor(answered.length * share)] ?? Number.NaN
  const viewed = await viewersShare(Number(flags.viewers))
  const parse = parseMicros()
  const micros = (used.user + used.system - making) / (rate * seconds)
  waits.sort((a, b) => a - b)
  const at = (share: number) => Math.round(waits[Math.floor(waits.length * share)] ?? 0)
  const found = {
    rate,
    answer_ms: answerMs,
    p50_ms: at(0.5),
    p99_ms: at(0.99),
    p50_answers: Number((at(0.5) / answerMs).toFixed(1)),
    p99_answers: Number((at(0.99) / answerMs).toFixed(1)),
    cpu_us: Number(micros.toFixed(1)),
    cpu_parses: Number((micros / parse).toFixed(1)),
    windows: stream.status().windows,
    window_cpu_ms: Number(((used.user + used.system - making) / 1000 / windows).toFixed(2)),
    held: stream.status().heldUsers,
    ...(viewed !== null && { viewers_core_percent: viewed }),
    ...(flags.answered && { answered_p50_ms: own(0.5), answered_p99_ms: own(0.99) }),
  }
  process.stdout.write(
    flags.json
      ? `${JSON.stringify(found)}\n`
      : `${rate}/s, answers in ${answerMs} ms: p50 ${found.p50_ms} ms (${found.p50_answers} ×), p99 ${found.p99_ms} ms (${found.p99_answers} ×)\n` +
          `CPU ${found.cpu_us} µs a record, ${found.cpu_parses} × JSON.parse; ${found.windows} windows, ${found.window_cpu_ms} ms of CPU each\n` +
          (viewed === null ? '' : `${flags.viewers} who look: ${viewed} % of a core\n`) +
          (flags.answered
            ? `to the last answer of their own requests: p50 ${own(0.5)} ms, p99 ${own(0.99)} ms\n`
            : ''),
  )
} finally {
  stop.abort()
  await ended
  await store.close()
  await sink.stop()
  rmSync(directory, { recursive: true, force: true })
}

/** The users a request tells of, by their numbers. */
function usersOf(body: Uint8Array): readonly number[] {
  return Array.from(
    Buffer.from(body)
      .toString('latin1')
      .matchAll(/"user-(\d+)"/g),
    ([, user]) => Number(user),
  )
}

/** The number of the last record of a user that was made so far. */
function lastRecordOf(user: number): number {
  return serial - 1 - ((serial - 1 - user) % users)
}

/**
 * How long records waited for the answers to their own requests, of users who met no slow one,
 * milliseconds, least first. Those that nothing was sent of are left out.
 */
function answeredMs(from: number, to: number): readonly number[] {
  const waited: number[] = []
  for (let number = from; number < to; number++) {
    const at = answeredAtMs[number]
    if (at !== undefined && !slowUsers.has(number % users))
      waited.push(at - (madeMs[number] ?? Number.NaN))
  }
  return waited.sort((a, b) => a - b)
}

/** What those who look cost, percent of a core; null where nobody does. Turn by turn with nobody. */
async function viewersShare(count: number): Promise<number | null> {
  if (count === 0) return null
  const micros = { without: 0, with: 0 }
  for (let turn = 0; turn < 6; turn++) {
    const isWatched = turn % 2 === 1
    if (isWatched) await viewers.come(count, stream)
    await pause(500)
    const before = process.cpuUsage()
    const making = await flow(seconds / 3)
    const { user, system } = process.cpuUsage(before)
    micros[isWatched ? 'with' : 'without'] += user + system - making
    if (isWatched) await viewers.leave()
  }
  return Number((((micros.with - micros.without) / (seconds * 1e6)) * 100).toFixed(1))
}

/** Lets as many records come as in some seconds. Returns the CPU their making took, microseconds. */
function come(inSeconds: number): Promise<number> {
  return batch > 0 ? inBatches(Math.ceil((rate * inSeconds) / batch)) : flow(inSeconds)
}

/** Lets records come, as many for each window. Returns the CPU their making took, microseconds. */
async function inBatches(count: number): Promise<number> {
  let making = 0
  for (let each = 0; each < count; each++) {
    const ended = new Promise<void>((resolve) => (windowEnded = resolve))
    making += make(batch)
    await ended
  }
  return making
}

/** Makes records that come at once. Returns the CPU that took, microseconds. */
function make(count: number): number {
  const before = process.threadCpuUsage()
  inbox.add(Array.from({ length: count }, () => record()))
  const { user, system } = process.threadCpuUsage(before)
  return user + system
}

/** Lets records come for some seconds. Returns the CPU their making took, microseconds. */
async function flow(forSeconds: number): Promise<number> {
  const started = performance.now()
  let sent = 0
  let making = 0
  while (performance.now() - started < forSeconds * 1000) {
    const due = Math.floor(((performance.now() - started) / 1000) * rate)
    making += make(due - sent)
    sent = due
    await pause(TICK_MS)
  }
  return making
}
