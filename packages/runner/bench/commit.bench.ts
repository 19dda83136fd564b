/*
 * A commit in PostgreSQL, beside that of another checkout: the two take turns over one server, so that what else the
 * machine does slows both. Milliseconds, as JSON.
 *
 * Options: --beside DIRECTORY --commits N
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { StateStore } from '@engage-sync/core'
import { startPostgres } from '@engage-sync/testkit'
import { openPostgres } from '../src/state/postgres/open-postgres.ts'

const { values } = parseArgs({
  options: {
    beside: { type: 'string' },
    commits: { type: 'string', default: '1500' },
  },
})
if (values.beside === undefined) throw new Error('--beside DIRECTORY: which checkout?')

const DELTAS = 20
const bytes = new Uint8Array(200).fill(7)
const deltas = Array.from({ length: DELTAS }, (_, partition) => ({ partition, bytes }))

interface Side {
  readonly name: string
  readonly store: StateStore
  readonly epoch: number
  /** Of its connection, on the server. */
  readonly process: number
  readonly wallMs: number[]
  cpuMs: number
}

const server = await startPostgres()
const other = (await import(
  join(resolve(values.beside), 'packages/runner/src/state/postgres/open-postgres.ts')
)) as { readonly openPostgres: typeof openPostgres }
const sides = [
  await openSide('beside', other.openPostgres),
  await openSide('this', openPostgres),
] as const
for (let count = 0; count < Number(values.commits); count++)
  for (const side of count % 2 === 0 ? sides : sides.toReversed()) await commit(side)
const figures = sides.map((side) => [side.name, summaryOf(side)])
process.stdout.write(
  `${JSON.stringify({ node: process.version, commit: `${DELTAS} deltas of ${bytes.length} bytes`, ...Object.fromEntries(figures) }, null, 2)}\n`,
)
for (const { store } of sides) await store.close()
await server.stop()

async function openSide(name: string, open: typeof openPostgres): Promise<Side> {
  const before = await processes()
  const store = await open({
    url: `${server.url}?schema=${name}`,
    environment: 'bench',
    workspace: 'simulator',
    create: true,
  })
  const { epoch } = await store.acquireLease('the bench', 3_600_000)
  const [own = 0] = (await processes()).filter((each) => !before.includes(each))
  return { name, store, epoch, process: own, wallMs: [], cpuMs: 0 }
}

async function commit(side: Side): Promise<void> {
  const before = process.cpuUsage()
  const start = performance.now()
  await side.store.commit({ epoch: side.epoch, deltas })
  side.wallMs.push(performance.now() - start)
  const { user, system } = process.cpuUsage(before)
  side.cpuMs += (user + system) / 1000
}

function summaryOf({ wallMs, cpuMs, process: own }: Side): object {
  const sorted = wallMs.toSorted((one, another) => one - another)
  const at = (share: number) => round(sorted[Math.floor(sorted.length * share)])
  return {
    wall_quarter: at(0.25),
    wall_median: at(0.5),
    client_cpu: round(cpuMs / wallMs.length),
    server_cpu: round(cpuOf(own) / wallMs.length),
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}

async function processes(): Promise<readonly number[]> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  const { rows } = await client.query(
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'engage-sync'",
  )
  await client.end()
  return rows.map(({ pid }) => Number(pid))
}

/** CPU of a process so far, milliseconds; Linux counts it in hundredths of a second. */
function cpuOf(id: number): number {
  const fields = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}
