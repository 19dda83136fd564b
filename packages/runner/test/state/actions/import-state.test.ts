import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { exportLines } from '../../../src/state/actions/export-state.ts'
import { importLines, readHead } from '../../../src/state/actions/import-state.ts'
import { openSqlite } from '../../../src/state/sqlite/open-sqlite.ts'
import { LETTER } from '../a-letter.ts'

const EXPECTED = { workspace: 'simulator', environment: 'local', newKey: false }
const INFO = { format: 2, id: 'a', environment: 'local', workspace: 'simulator', createdAt: '' }
const HEAD = { engage_sync_state: 1, info: INFO }

/** One line of each kind, as an export has it. */
const LINES: Readonly<Record<string, object>> = {
  mapping: {
    mapping: {
      id: 'm',
      fingerprint: 'f',
      bornAt: 1,
      slots: { a: 0 },
      active: true,
      about: null,
    },
  },
  position: { source: 'engage', position: {} },
  value: { key: 'cohort:x', value: 'VIPs' },
  run: {
    run: {
      number: 1,
      startedAt: '2026-01-01T00:00:00.000Z',
      finishedAt: null,
      actor: null,
      commit: null,
      fingerprint: 'f',
      status: 'done',
      report: null,
    },
  },
  mark: { mark: { id: 'm1', run: 1, intent: {} } },
  letter: { letter: LETTER },
  snapshot: { partition: 0, snapshot: 'AAAA' },
  piece: { partition: 1, piece: 'AAAA', left: 0 },
  delta: { partition: 63, delta: 'AAAA' },
}

const NONE = [undefined, null, 7.5, [[]]]

/** A line with one member at a time as it cannot be. */
function misshapen(name: string): readonly (readonly [string, object])[] {
  const line = LINES[name] as Record<string, Record<string, unknown>>
  const [outer] = Object.keys(line).filter((key) => key === name)
  const at = outer === undefined ? line : line[outer]
  return Object.keys(at).flatMap((member) =>
    NONE.map((value) => {
      const changed = { ...at, [member]: value }
      return [
        `${member}: ${JSON.stringify(value)}`,
        outer === undefined ? changed : { [outer]: changed },
      ] as const
    }),
  )
}

function emptyState() {
  const directory = mkdtempSync(join(tmpdir(), 'engage-sync-import-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const store = openSqlite({
    path: join(directory, 'state.sqlite'),
    environment: 'local',
    workspace: 'simulator',
    create: true,
    now: Date.now,
  })
  onTestFinished(() => store.close())
  return store
}

async function importOf(...things: readonly object[]): Promise<string> {
  const store = emptyState()
  const { epoch } = await store.acquireLease('the test', 60_000)
  const lines = [HEAD, ...things].map((thing) => JSON.stringify(thing))
  const sha256 = createHash('sha256')
    .update(lines.map((line) => `${line}\n`).join(''))
    .digest('hex')
  async function* all() {
    yield* lines
    yield JSON.stringify({ end: { lines: lines.length, sha256 } })
  }
  try {
    return `${(await importLines(store, all(), epoch)).lines} lines`
  } catch (error) {
    return String((error as { readonly code?: string }).code)
  }
}

describe('a file that somebody wrote by hand, with the right sum', () => {
  it('is taken where each line is as an export has it', async () => {
    expect(await importOf(...Object.values(LINES))).toBe('10 lines')
  })

  it.each(Object.keys(LINES))('is refused for a %s of another form', async (name) => {
    const taken = []
    for (const [what, line] of misshapen(name))
      if ((await importOf(line)) !== 'USAGE_IMPORT_FILE') taken.push(what)

    // These may be any JSON, or null, or absent.
    const anything =
      /^(value|position|about|intent|payload|report|id: undefined|(finishedAt|actor|commit|subject): null)/
    expect(taken.filter((what) => !anything.test(what))).toEqual([])
  })

  it.each([null, {}, { ...INFO, format: '2' }, { ...INFO, workspace: null }])(
    'is refused for what it says of its state: %j',
    (info) => {
      const head = JSON.stringify({ ...HEAD, info })

      expect(() => readHead(head, EXPECTED)).toThrow(
        expect.objectContaining({ code: 'USAGE_IMPORT_FILE' }),
      )
    },
  )
})

it('takes a snapshot of many megabytes', async () => {
  const snapshot = Buffer.alloc(12 * 2 ** 20, 7).toString('base64')

  expect(await importOf({ partition: 0, snapshot })).toBe('2 lines')
})

it.each(['A', 'AA=', 'A===', '====', 'AA==AAAA', 'AA-_', 'AAA=\n'])(
  'refuses bytes that are no base64: %j',
  async (snapshot) => {
    expect(await importOf({ partition: 0, snapshot })).toBe('USAGE_IMPORT_FILE')
  },
)

describe('a snapshot too long for a line', () => {
  const piece = (partition: number, left: number) => ({ partition, piece: 'AAAA', left })

  it('is put together from its pieces, beside those of one line', async () => {
    const snapshots = [
      { partition: 3, bytes: Buffer.from('0123456789') },
      { partition: 4, bytes: Buffer.from('abc') },
      { partition: 5, bytes: Buffer.from('abcdef') },
    ]
    const from = emptyState()
    const { epoch } = await from.acquireLease('the test', 60_000)
    await from.commit({ epoch, snapshots })
    const into = emptyState()
    const lease = await into.acquireLease('the test', 60_000)
    const lines: string[] = []
    for await (const line of exportLines(from, 3)) lines.push(line.trimEnd())

    await importLines(into, Readable.from(lines), lease.epoch)

    expect(lines.filter((line) => line.includes('"piece"'))).toHaveLength(6)
    expect(lines.filter((line) => line.includes('"snapshot"'))).toHaveLength(1)
    for (const { partition, bytes } of snapshots) {
      const { snapshot } = await into.loadPartition(partition)
      expect(Buffer.from(snapshot ?? [])).toEqual(bytes)
    }
  })

  it.each([
    ['one is missing', [piece(1, 2), piece(1, 0)]],
    ['the last is missing', [piece(1, 1)]],
    ['one is of another partition', [piece(1, 1), piece(2, 0)]],
  ])('is refused where %s', async (_, pieces) => {
    expect(await importOf(...pieces)).toBe('USAGE_IMPORT_FILE')
  })
})
