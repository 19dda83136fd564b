import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sampled } from '@engage-sync/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CALM, makeFailingWorld } from './failing-world.ts'
import type { RunLimits } from './failing-world.ts'

/** How many of the instants are tried where not all are. */
const SAMPLE = 1
const TIMEOUT_MS = 1_200_000

/** A run under limits ends with a code of its own, and the next one as if there had been none. */
async function expectRecovery(limits: RunLimits): Promise<string> {
  const world = await makeFailingWorld()

  const failed = await world.run(limits)
  const next = await world.run()
  const { users, events } = await world.held()

  expect({ ...failed, isOurs: /INTERNAL|\bat .*:\d+:\d+/.test(failed.said) }).toMatchObject({
    code: expect.toBeOneOf([0, 1, 9]),
    isOurs: false,
  })
  expect(next).toMatchObject({ code: expect.toBeOneOf([0, 1]) })
  expect(users).toEqual(CALM.users)
  // What was sent and never known to have been may be sent again, as `on_unknown: repeat` says.
  for (const [index, count] of CALM.events.entries())
    expect(events[index]).toBeGreaterThanOrEqual(count)
  return /STATE_\w+/.exec(failed.said)?.[0] ?? 'done'
}

describe('a disk with too little room', () => {
  // Files of a short run grow to less than this; a block of `ulimit -f` has 512 bytes, a page 32 of them.
  const PAGES = Array.from({ length: 40 }, (_, page) => page)
  /** Here it is the index of SQLite's log that finds no room, which has a code of its own. */
  const OF_THE_INDEX = 1

  it(
    'costs a run, and nothing else, at whichever page it ends',
    { timeout: TIMEOUT_MS },
    async () => {
      const ends = []
      for (const page of new Set([OF_THE_INDEX, ...sampled('full disks', PAGES, SAMPLE)])) {
        // Without the signal the write fails, as it does on a full disk.
        ends.push(await expectRecovery({ before: `trap '' XFSZ; ulimit -f ${page * 32 + 1}` }))
      }

      expect(['STATE_FULL', 'done']).toEqual(expect.arrayContaining([...new Set(ends)]))
    },
  )
})

const hasCompiler = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0

describe.skipIf(hasCompiler)('the n-th write and sync', () => {
  it.skip('are failed where there is Linux and a C compiler (cc)')
})

describe.skipIf(!hasCompiler)('a disk that fails', () => {
  let directory: string
  let shim: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'engage-sync-failing-'))
    shim = join(directory, 'failing-calls.so')
    const source = fileURLToPath(new URL('failing-calls.c', import.meta.url))
    const made = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', shim, source, '-ldl'])
    expect(made.stderr.toString()).toBe('')
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  const failing = (kind: string, at: number): RunLimits => ({
    env: {
      LD_PRELOAD: shim,
      FAIL_KIND: kind,
      FAIL_AT: String(at),
      FAIL_COUNT: join(directory, 'count'),
    },
  })

  it.each([
    ['write', ['STATE_FULL', 'done']],
    ['sync', ['STATE_UNREADABLE', 'done']],
  ])(
    'costs a run, and nothing else, at whichever %s it begins',
    { timeout: TIMEOUT_MS },
    async (kind, codes) => {
      const world = await makeFailingWorld()
      await world.run(failing(kind, 0))
      expect(await world.held()).toEqual(CALM)
      const calls = Number(readFileSync(join(directory, 'count'), 'utf8'))
      expect(calls).toBeGreaterThan(5)

      const ends = []
      const instants = Array.from({ length: calls }, (_, index) => index + 1)
      for (const at of sampled(`failing ${kind}s`, instants, SAMPLE))
        ends.push(await expectRecovery(failing(kind, at)))

      expect(codes).toEqual(expect.arrayContaining([...new Set(ends)]))
    },
  )
})
