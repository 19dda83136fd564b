import { flushCompileCache } from 'node:module'
import { createInterface } from 'node:readline'
import { openPostgres } from '../../src/state/postgres/open-postgres.ts'
import { openSqlite } from '../../src/state/sqlite/open-sqlite.ts'
import { armKillPoint } from '../../src/process/kill-points.ts'
import { countingGroup, readCounting } from './counting-state.ts'

// Counts on in a state until it is killed, and says each number once its commit has resolved.
// What was compiled is kept now: nobody who is killed does so at the end.
flushCompileCache()
const place = process.argv[2]!
armKillPoint(process.env['ENGAGE_SYNC_KILL_AT'])
await new Promise((resolve) => createInterface({ input: process.stdin }).once('line', resolve))
const expected = { environment: 'local', workspace: 'simulator', create: true }
const store = place.startsWith('postgres')
  ? await openPostgres({ ...expected, url: place })
  : openSqlite({ ...expected, path: place, now: Date.now })
const { epoch } = await store.acquireLease('the child', 0)
const numbers = [...(await readCounting(store)).numbers]
for (let number = numbers.length + 1; ; number++) {
  await store.commit(countingGroup(number, epoch, numbers))
  numbers.push(number)
  // Said before the next one begins: commits to files in memory may be faster than whoever listens.
  await new Promise((resolve) => process.stdout.write(`${number}\n`, resolve))
}
