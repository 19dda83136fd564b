import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { StateStore } from '@engage-sync/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exitCodeOf } from '../../../src/process/exit.ts'
import { unreadable } from '../../../src/state/format/errors.ts'
import { STATE_FORMAT } from '../../../src/state/format/migrations.ts'
import { openSqlite } from '../../../src/state/sqlite/open-sqlite.ts'
import type { SqliteOptions } from '../../../src/state/sqlite/open-sqlite.ts'
import { LETTER } from '../a-letter.ts'
import { countingGroup, readCounting, upTo } from '../counting-state.ts'

let directory: string
let path: string
const opened: StateStore[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'engage-sync-faults-'))
  path = join(directory, 'state.sqlite')
})

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  rmSync(directory, { recursive: true, force: true })
})

function open(options: Partial<SqliteOptions> = {}): StateStore {
  const store = openSqlite({
    path,
    environment: 'local',
    workspace: 'simulator',
    create: true,
    now: Date.now,
    ...options,
  })
  opened.push(store)
  return store
}

/** A file with counts up to n, closed, all of it in the one file. */
async function makeFile(to: number): Promise<void> {
  const store = openSqlite({
    path,
    environment: 'local',
    workspace: 'simulator',
    create: true,
    now: Date.now,
  })
  const { epoch } = await store.acquireLease('the test', 0)
  for (let number = 1; number <= to; number++)
    await store.commit(countingGroup(number, epoch, upTo(number - 1)))
  await store.close()
}

/** What opening and reading all of it leads to. */
async function faultOf(
  work: () => unknown,
): Promise<{ readonly code: string; readonly exit: number }> {
  try {
    await work()
  } catch (error) {
    return { code: (error as { code: string }).code, exit: exitCodeOf(error) }
  }
  return { code: 'none', exit: 0 }
}

async function readAll(): Promise<void> {
  const store = open({ create: false })
  await readCounting(store)
  const problems = await store.check()
  if (problems.some((problem) => !/Partition \d/.test(problem))) throw unreadable(problems.join())
}

const UNREADABLE = { code: 'STATE_UNREADABLE', exit: 9 }

describe('a file that cannot be used', () => {
  it('is not made where it is missing and must not be', async () => {
    expect(await faultOf(() => open({ create: false }))).toEqual({
      code: 'STATE_NOT_INITIALISED',
      exit: 9,
    })
    expect(
      await faultOf(() =>
        open({ create: false, path: join(directory, 'no', 'such', 'state.sqlite') }),
      ),
    ).toMatchObject({ exit: 9 })
  })

  it('is not initialised when it is empty, as after a crash while it was made', async () => {
    writeFileSync(path, '')

    expect(await faultOf(() => open({ create: false }))).toEqual({
      code: 'STATE_NOT_INITIALISED',
      exit: 9,
    })
    expect(open().info.environment).toBe('local')
  })

  it('is no database', async () => {
    writeFileSync(path, 'version: 1\n'.repeat(2000))

    expect(await faultOf(() => open())).toEqual(UNREADABLE)
    expect(readFileSync(path, 'utf8')).toMatch(/^version: 1/)
  })

  it('is a database of something else', async () => {
    const other = new DatabaseSync(path)
    other.exec('CREATE TABLE orders (id INTEGER)')
    other.close()

    expect(await faultOf(() => open())).toEqual(UNREADABLE)
  })

  it('is the one of another workspace or environment', async () => {
    await makeFile(1)

    expect(await faultOf(() => open({ workspace: 'another' }))).toEqual({
      code: 'STATE_OTHER_WORKSPACE',
      exit: 9,
    })
    expect(await faultOf(() => open({ environment: 'staging' }))).toEqual({
      code: 'STATE_OTHER_WORKSPACE',
      exit: 9,
    })
  })

  it('has a later format', async () => {
    await makeFile(1)
    const file = new DatabaseSync(path)
    file.prepare("UPDATE info SET value = ? WHERE key = 'format'").run(String(STATE_FORMAT + 1))
    file.close()

    expect(await faultOf(() => open())).toEqual({ code: 'STATE_NEWER', exit: 9 })
  })

  it('stands where its directory should be', async () => {
    writeFileSync(join(directory, 'file'), '')

    expect(await faultOf(() => open({ path: join(directory, 'file', 'state.sqlite') }))).toEqual({
      code: 'STATE_READ_ONLY',
      exit: 9,
    })
  })

  it('is truncated', async () => {
    await makeFile(40)
    truncateSync(path, statSync(path).size - 3 * 16_384)

    expect(await faultOf(readAll)).toEqual(UNREADABLE)
  })

  it('is noticed to be damaged wherever bytes of rows were overwritten', async () => {
    await makeFile(40)
    const sound = readFileSync(path)
    const at = sound.indexOf('35;')
    expect(at).toBeGreaterThan(0)
    writeFileSync(
      path,
      Buffer.concat([sound.subarray(0, at), Buffer.from('36;'), sound.subarray(at + 3)]),
    )

    expect(await faultOf(readAll)).toEqual(UNREADABLE)
  })

  it('is noticed to be damaged when whole pages were overwritten', async () => {
    await makeFile(40)
    const copy = join(directory, 'copy.sqlite')
    copyFileSync(path, copy)
    const pages = statSync(path).size / 16_384
    for (let page = 0; page < pages; page++) {
      const bytes = readFileSync(copy)
      bytes.fill(0xa5, page * 16_384, page * 16_384 + 16_384)
      writeFileSync(path, bytes)
      const fault = await faultOf(readAll)
      for (const store of opened.splice(0)) await store.close()

      expect(fault, `page ${page}`).toEqual(UNREADABLE)
    }
  })
})

/** Runs a piece of TypeScript as another user, or under a limit, since root may write everywhere. */
function runLimited(
  shell: string,
  script: string,
): { readonly status: number | null; readonly output: string } {
  const file = join(directory, 'script.ts')
  const state = new URL('../../../src/state/sqlite/open-sqlite.ts', import.meta.url).href
  const counting = new URL('../counting-state.ts', import.meta.url).href
  writeFileSync(
    file,
    `import { openSqlite } from '${state}'\nimport { countingGroup, readCounting } from '${counting}'\n${script}`,
  )
  const node = `"${process.execPath}" --conditions=engage-sync-source "${file}" "${path}"`
  const child = spawnSync('/bin/sh', ['-c', shell.replace('NODE', () => node)], {
    encoding: 'utf8',
  })
  return { status: child.status, output: child.stdout + child.stderr }
}

const FILL = `
const store = openSqlite({ path: process.argv[2], environment: 'local', workspace: 'simulator', create: true, now: Date.now })
const { epoch } = await store.acquireLease('the child', 0)
let done = 0
try {
  for (; done < 2000; done++) {
    await store.commit({ ...countingGroup(done + 1, epoch, []), snapshots: [{ partition: 9, bytes: new Uint8Array(40_000 + done) }] })
  }
  console.log('never full')
} catch (error) {
  const { last } = await readCounting(store)
  console.log(error.code, last[0] === done && last[1] === done)
}`

describe('a file that goes away under a run', () => {
  it.each<readonly [string, () => void]>([
    ['is removed', () => rmSync(path)],
    [
      'is replaced',
      () => {
        copyFileSync(path, `${path}.copy`)
        renameSync(`${path}.copy`, path)
      },
    ],
  ])('is told by the next commit when it %s', async (_, goAway) => {
    const store = open()
    const { epoch } = await store.acquireLease('the test', 60_000)
    await store.commit({ epoch, values: [{ key: 'first', value: 1 }] })
    goAway()

    await expect(
      store.commit({ epoch, values: [{ key: 'second', value: 1 }] }),
    ).rejects.toMatchObject({
      code: 'STATE_UNREADABLE',
      message: expect.stringContaining('removed or replaced'),
      hint: expect.stringContaining('state adopt'),
    })
  })
})

describe('a disk that is full', () => {
  it('stops a commit whole, and keeps all before it', async () => {
    // A size limit on files is the full disk that every user may have. Ignoring the signal leaves the failed write.
    const { output } = runLimited("trap '' XFSZ; ulimit -f 2000; NODE", FILL)

    expect(output.trim()).toBe('STATE_FULL true')
    const { numbers, last } = await readCounting(open({ create: false }))
    expect(numbers).toEqual(upTo(numbers.length))
    expect(new Set([numbers.length, ...last]).size).toBe(1)
  })

  it('is told as one when the file system says so', async () => {
    const small = join(directory, 'small')
    mkdirSync(small)
    const mounted = `unshare -rm sh -c 'mount -t tmpfs -o size=1m none "${small}" && exec NODE'`
    path = join(small, 'state.sqlite')
    const { output, status } = runLimited(mounted, FILL)
    if (status !== 0 && /unshare|mount/.test(output)) return

    expect(output.trim()).toBe('STATE_FULL true')
  })
})

const isRoot = process.getuid?.() === 0

describe.skipIf(isRoot && spawnSync('setpriv', ['--version']).status !== 0)(
  'a directory that may not be written to',
  () => {
    const asNobody = isRoot ? 'setpriv --reuid=65534 --regid=65534 --clear-groups NODE' : 'NODE'
    const attempt = `
    try { openSqlite({ path: process.argv[2], environment: 'local', workspace: 'simulator', create: true, now: Date.now }); console.log('open') }
    catch (error) { console.log(error.code) }`

    it('stops before anything is made', () => {
      chmodSync(directory, 0o755)
      const locked = join(directory, 'locked')
      mkdirSync(locked)
      chmodSync(locked, 0o555)
      path = join(locked, 'deeper', 'state.sqlite')

      expect(runLimited(asNobody, attempt).output.trim()).toBe('STATE_READ_ONLY')
    })

    it('stops when the file is somebody else’s', async () => {
      await makeFile(1)
      chmodSync(directory, 0o755)
      chmodSync(path, isRoot ? 0o600 : 0o400)
      if (!isRoot) chmodSync(dirname(path), 0o555)

      const { output } = runLimited(asNobody, attempt)
      chmodSync(directory, 0o755)

      expect(output.trim()).toBe('STATE_READ_ONLY')
    })
  },
)

describe('the files of a state', () => {
  it('may be read by their owner alone, the log beside it too', async () => {
    const store = open({ path: join(directory, 'new', 'state.sqlite') })
    await store.acquireLease('the test', 0)

    for (const name of ['state.sqlite', 'state.sqlite-wal', 'state.sqlite-shm']) {
      expect(statSync(join(directory, 'new', name)).mode & 0o777, name).toBe(0o600)
    }
    expect(statSync(join(directory, 'new')).mode & 0o777).toBe(0o700)
  })

  it('are made so when they were not', async () => {
    await makeFile(1)
    chmodSync(path, 0o644)

    open()

    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('hold nothing of what was deleted once they are purged', async () => {
    const store = open()
    const { epoch } = await store.acquireLease('the test', 0)
    const secret = 'user-who-asked-to-be-forgotten'
    const large = Buffer.from(secret.repeat(10_000))
    await store.commit({
      epoch,
      deltas: [{ partition: 1, bytes: large }],
      openMarks: [{ id: 'm', run: 1, intent: secret }],
    })
    await store.commit({ epoch, snapshots: [{ partition: 1, bytes: large }] })
    await store.commit({
      epoch,
      snapshots: [{ partition: 1, bytes: new Uint8Array(0) }],
      closeMarks: ['m'],
    })

    const isPurged = await store.purge()

    expect(isPurged).toBe(true)
    const files = ['', '-wal'].map((suffix) => readFileSync(path + suffix))
    expect(files.map((bytes) => bytes.includes(secret))).toEqual([false, false])
  })

  it.each(['expired', 'removed'])(
    'hold nothing of a dead letter that is %s, once they are closed',
    async (how) => {
      const store = open()
      const { epoch } = await store.acquireLease('the test', 0)
      const payload = 'what-a-user-was-refused '.repeat(2500)
      await store.commit({
        epoch,
        deadLetters: [
          { ...LETTER, id: 1, payload },
          { ...LETTER, id: 2, payload: 'another' },
        ],
      })
      await store.close()
      const before = readFileSync(path).includes('what-a-user')

      const again = open()
      if (how === 'expired')
        await again.expireDeadLetters({ epoch }, Date.parse(LETTER.expiresAt) + 1)
      else await again.commit({ epoch, removeDeadLetters: [1] })
      await again.close()

      expect([before, readFileSync(path).includes('what-a-user')]).toEqual([true, false])
    },
  )

  it(
    'are not taken for purged while somebody reads what was deleted',
    { timeout: 20_000 },
    async () => {
      const store = open()
      const { epoch } = await store.acquireLease('the test', 0)
      await store.commit({
        epoch,
        openMarks: [{ id: 'm', run: 1, intent: 'user-who-asked-to-be-forgotten' }],
      })
      const reader = new DatabaseSync(path, { readOnly: true })
      reader.exec('BEGIN; SELECT * FROM marks')
      await store.commit({ epoch, closeMarks: ['m'] })

      const whileRead = await store.purge()
      reader.close()

      expect([whileRead, await store.purge()]).toEqual([false, true])
    },
  )
})
