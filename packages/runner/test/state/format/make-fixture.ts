import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fingerprintsOf } from './fingerprints.ts'

/**
 * Makes states of today's format, to be committed as a fixture: `make-fixture.ts DIRECTORY`.
 *
 * The directory holds `configs/`; its README says what comes beside it. Talks to this machine only.
 */
const RUNNER = fileURLToPath(new URL('../../../src/bin.ts', import.meta.url))
const USERS = 12
const DAY_MS = 86_400_000
/**
 * What the first phase has to itself: a mapping that is renamed later, and one that is given up.
 */
const FORMER = [
  [
    '  total: { attribute: { name: total }, type: number }',
    '  worth: { attribute: { name: total }, type: number }',
  ],
  ['moved: [{ from: traits.worth, to: traits.total }]\n', ''],
  ['retire: [{ attribute: old_score, by: unset }]\n', ''],
  ['  score: {', '  old_score: old_score\n  score: {'],
] as const

const fixture = process.argv[2]
if (fixture === undefined) throw new Error('Name the directory that holds configs/')
const directory = mkdtempSync(join(tmpdir(), 'engage-sync-fixture-'))
try {
  await make(fixture)
} finally {
  rmSync(directory, { recursive: true, force: true })
}

async function make(into: string): Promise<void> {
  cpSync(join(into, 'configs'), join(directory, 'configs'), { recursive: true })
  const shop = readFileSync(join(into, 'configs/shop.yaml'), 'utf8')
  write(
    'configs/shop.yaml',
    FORMER.reduce((text, [now, before]) => replaced(text, now, before), shop),
  )
  addRecords(1, Date.now() - 70 * DAY_MS)
  await engageSync('run')
  write('configs/shop.yaml', shop)
  for (const phase of [2, 3]) {
    addRecords(phase, Date.now())
    await engageSync('run')
  }
  await engageSync('state', 'export', 'settled.export.ndjson')
  take(into, { 'settled.export.ndjson': 'settled.export.ndjson', [stateFile()]: 'settled.sqlite' })
  const madeAt = new Date().toISOString()
  addRecords(4, Date.now())
  await cutOff()
  take(into, { [stateFile()]: 'waiting.sqlite', data: 'data' })
  const made = { made_at: madeAt, fingerprints: fingerprintsOf(join(into, 'configs')) }
  writeFileSync(join(into, 'made.json'), `${JSON.stringify(made, null, 2)}\n`)
}

/** One run that is killed before its first request leaves, and whose lease is ended. */
async function cutOff(): Promise<void> {
  await program(['run'], { ENGAGE_SYNC_KILL_AT: 'after-mark' })
  await engageSync('state', 'unlock', '--yes')
}

/** One command of the program, in a process of its own; that some records are rejected is meant. */
async function engageSync(...argv: readonly string[]): Promise<void> {
  const code = await program(argv, {})
  if (code !== 0 && code !== 1) throw new Error(`${argv.join(' ')} ended with ${code}`)
}

/** Its exit code; null for one that was killed. */
async function program(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number | null> {
  const flags = ['--conditions=engage-sync-source', '--no-warnings']
  const child = spawn(process.execPath, [...flags, RUNNER, ...argv], {
    cwd: directory,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  return await new Promise((resolve) => child.once('close', resolve))
}

function take(into: string, files: Readonly<Record<string, string>>): void {
  for (const [from, to] of Object.entries(files)) {
    rmSync(join(into, to), { recursive: true, force: true })
    cpSync(join(directory, from), join(into, to), { recursive: true })
  }
}

function stateFile(): string {
  return '.engage-sync/local/state.sqlite'
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true })
  writeFileSync(join(directory, path), text)
}

function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`The configuration has no ${from}`)
  return text.replace(from, to)
}

/** The records of a phase: each user gets some of everything, other values than before. */
function addRecords(phase: number, startMs: number): void {
  write(`data/engage/${phase}.ndjson`, lines(shopRecords(phase), startMs))
  write(`data/club/${phase}.ndjson`, lines(clubRecords(phase), startMs))
}

interface TestRecord {
  readonly ids: Readonly<Record<string, string>>
  readonly kind: 'computed_trait' | 'audience' | 'deletion' | 'plain'
  readonly values: Readonly<Record<string, unknown>>
}

function lines(records: readonly TestRecord[], startMs: number): string {
  return records
    .map((record, index) => `${JSON.stringify(segmentRecord(record, startMs + index))}\n`)
    .join('')
}

function segmentRecord({ ids, kind, values }: TestRecord, timeMs: number): unknown {
  const timestamp = new Date(timeMs).toISOString()
  const shared = { ...ids, timestamp, receivedAt: timestamp }
  if (kind === 'deletion') return { ...shared, type: 'delete', traits: values }
  const [key] = Object.keys(values)
  const personas = {
    computation_class: kind,
    computation_key: key,
    computation_id: `id_${key}`,
    space_id: 'spa_1',
  }
  return {
    ...shared,
    type: 'identify',
    traits: values,
    ...(kind === 'plain' ? {} : { context: { personas } }),
  }
}

function shopRecords(phase: number): readonly TestRecord[] {
  return Array.from({ length: USERS }, (_, user) => user).flatMap((user) => [
    ...traitsOf(user, phase).map((values): TestRecord => ({
      ids: shopper(user, phase),
      kind: 'computed_trait',
      values,
    })),
    ...audiencesOf(user, phase).map((values): TestRecord => ({
      ids: shopper(user, phase),
      kind: 'audience',
      values,
    })),
  ])
}

/** Every sixth shopper is anonymous at first, and known by both identifiers later. */
function shopper(user: number, phase: number): Readonly<Record<string, string>> {
  const known = { userId: `user-${user}` }
  if (user % 6 !== 0) return known
  return phase === 1
    ? { anonymousId: `browser-${user}` }
    : { ...known, anonymousId: `browser-${user}` }
}

function traitsOf(user: number, phase: number): readonly Readonly<Record<string, unknown>>[] {
  const drawn = user + phase
  const all = [
    {
      last_item: drawn % 2 === 0 ? 'A blue sweater' : 'A hat',
      email: `User${user}@Example.com`,
      firstName: 'Ada',
    },
    { lifetime_value: drawn % 5 === 0 ? 'plenty' : drawn * 20 },
    { visits: drawn, birthday: '1990-02-01', language: 'English', time_zone: 'Europe/Berlin' },
    {
      crm_id: drawn,
      phone: '+49 30 1234567',
      address: { city: drawn % 2 === 0 ? 'Bonn' : 'Ulm', country: 'Germany' },
    },
    { opted_in: drawn % 2 === 0 ? 'yes' : false },
    { last_order_at: new Date(Date.now() - drawn * 3 * DAY_MS).toISOString() },
    { tags: ['shoes', `tag-${drawn % 3}`] },
    { categories: [`c${drawn % 4}`, 'c9'] },
    {
      cart: [
        { sku: 'a', n: drawn },
        { sku: `b${phase}`, n: 1 },
      ],
    },
    { store: { city: 'Bonn', visits: drawn } },
    { home: { rooms: drawn, garden: null } },
    { shoe_size: 36 + (drawn % 9) },
    { price: { eur: 1 }, 'price.eur': drawn / 10 },
    { plan: ['gold', 'silver', 'bronze'][drawn % 3] },
    { score: drawn },
    phase === 1 ? { worth: user } : { total: user },
    { margin: drawn % 8 },
    { late: drawn },
    ...(phase === 1 ? [{ old_score: user }] : []),
  ]
  return all.filter((_, index) => (index + user + phase) % 3 !== 0)
}

function audiencesOf(user: number, phase: number): readonly Readonly<Record<string, boolean>>[] {
  const keys = ['dormant', 'vip', 'gold', 'trial', 'readers', 'quiet', 'j_o_welcome__second_x8k2']
  return keys
    .map((key, index) => ({ [key]: (index + user + phase) % 3 !== 0 }))
    .filter((_, index) => (index + user) % 2 === 0)
}

/** Records of another service: some of nobody, one user whom Segment deletes. */
function clubRecords(phase: number): readonly TestRecord[] {
  const members = Array.from({ length: 6 }, (_, user): readonly TestRecord[] => {
    const member = user === 5 ? '-1' : `Member-${user}`
    const ids = { userId: `card-${user}` }
    return [
      {
        ids,
        kind: 'plain',
        values: { member, tier: ['a', 'b', 'c'][(user + phase) % 3], badges: [`b${phase}`] },
      },
      {
        ids: { email: `Club${user}@example.com` },
        kind: 'computed_trait',
        values: { card: { level: user + phase } },
      },
      { ids, kind: 'audience', values: { club_vip: (user + phase) % 2 === 0, member } },
    ]
  }).flat()
  return phase === 3
    ? [...members, { ids: { userId: 'card-4' }, kind: 'deletion', values: { member: 'Member-4' } }]
    : members
}
