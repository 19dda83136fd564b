/*
 * A first load by several processes beside one: CPU and memory of each, and the requests a second they reach together.
 *
 * `npm run build && node packages/runner/bench/parts.bench.ts [--users N] [--workers 1,3] [--budget 1GB]`
 *
 * Three records a user, packed with gzip; twelve attributes; a state in PostgreSQL. CPU is what says most: where more
 * processes want to run than there are cores, the clock says how busy the machine was.
 */
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { startPostgres } from '@engage-sync/testkit'
import type { Report } from '@engage-sync/core'
import { eventFile, eventFilePacked } from './event-files.ts'
import { measureFamily } from './family.ts'
import { measureParse } from './measure-run.ts'
import { createProject, fileSource, TWELVE_ATTRIBUTES } from './project.ts'
import { startSink } from './sink.ts'

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    workers: { type: 'string', default: '1,3' },
    budget: { type: 'string', default: '4GB' },
  },
})
const users = Number(values.users)
const events = users * 3
const file = await eventFilePacked({ events, users })
const database = await startPostgres()
const sink = await startSink({ answerDelayMs: 0 })

for (const [number, workers] of values.workers.split(',').entries()) {
  const project = await createProject({
    sync: TWELVE_ATTRIBUTES,
    source: fileSource(file),
    url: sink.url,
    more: "    state: { url: '${DATABASE_URL}' }\n",
  })
  await sink.takeTraffic()
  const env = {
    ...process.env,
    NO_COLOR: '1',
    BENCH_KEY: 'simulator',
    DATABASE_URL: `${database.url}?schema=bench_${number}`,
  }
  const flags = ['--memory-budget', values.budget]
  // One process without parts is what it is measured beside.
  const parts = workers === '1' ? [] : ['--workers', workers]
  const measured = await measureFamily([...project.run, ...flags, ...parts], {
    cwd: project.directory,
    env,
  })
  tell(workers, measured, await sink.takeTraffic())
  await project.remove()
}
await sink.stop()
await database.stop()
const parsed = 100_000
const parse = await measureParse(await eventFile({ events: parsed, users: 20_000 }))
process.stdout.write(`P: ${((parse.mainCpu / parsed) * 1e6).toFixed(2)} µs a record\n`)

function tell(
  workers: string,
  { wall, processes, stdout }: Awaited<ReturnType<typeof measureFamily>>,
  traffic: Awaited<ReturnType<typeof sink.takeTraffic>>,
): void {
  const { braze, records } = JSON.parse(stdout) as Report
  const sending = (traffic.lastMs - traffic.firstMs) / 1000
  const rows = processes.map(
    ({ isParent, mainCpu, cpu, peakMb }) =>
      `  ${isParent ? 'leads' : 'works'}  main ${mainCpu.toFixed(1)} s  all ${cpu.toFixed(1)} s  ${peakMb.toFixed(0)} MB`,
  )
  process.stdout.write(
    [
      `${workers} of ${users.toLocaleString('en-US')} users, ${records.read.toLocaleString('en-US')} records, ${braze.attributes.toLocaleString('en-US')} values`,
      `  wall ${wall.toFixed(1)} s, ${traffic.requests} requests in ${sending.toFixed(1)} s: ${(traffic.requests / sending).toFixed(0)} a second; load ${loadavg()[0]!.toFixed(1)}`,
      ...rows,
      '',
    ].join('\n'),
  )
}
