import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where Linux keeps files in memory. */
const MEMORY = '/dev/shm'
/** What the tests may need of it, bytes: a container may have no more than 64 MB. */
const ENOUGH = 2 ** 31
/** Where programs that tests start keep what was compiled, for the next to load. */
const COMPILED = join(import.meta.dirname, '../../node_modules/.cache/engage-sync-compiled')

/**
 * Gives a test run a directory for all its temporary files, which goes when the run ends, however
 * it ends.
 *
 * It lies in memory where there is enough: states are synchronised with the disk at each commit,
 * and tests that share a disk wait for it more than they work. `ENGAGE_SYNC_TEST_DIRECTORY` names
 * another place, such as one on a disk.
 */
export async function setup(): Promise<() => Promise<void>> {
  const directory = mkdtempSync(
    join(process.env['ENGAGE_SYNC_TEST_DIRECTORY'] ?? fastestDirectory(), 'engage-sync-tests-'),
  )
  // Open as every directory for temporary files: PostgreSQL runs under another account than root.
  chmodSync(directory, 0o1777)
  process.env['TMPDIR'] = directory
  process.env['NODE_COMPILE_CACHE'] ??= COMPILED
  process.env['ENGAGE_SYNC_POSTGRES_TEMPLATE'] = join(directory, 'postgres-template')
  return removedAtTheEnd(directory)
}

function fastestDirectory(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY)
    return bavail * bsize >= ENOUGH ? MEMORY : tmpdir()
  } catch {
    return tmpdir()
  }
}

/**
 * A shell that removes a directory once its standard input ends, which the kernel sees to when this
 * process dies.
 */
function removedAtTheEnd(directory: string): () => Promise<void> {
  const remover = spawn('/bin/sh', ['-c', 'read end; rm -rf "$0"', directory], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const removed = once(remover, 'exit')
  remover.unref()
  return async () => {
    remover.ref()
    remover.stdin?.end()
    await removed
  }
}
