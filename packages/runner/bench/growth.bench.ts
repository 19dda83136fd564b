/*
 * How a first load and a re-read grow with the events of a file. Every size in turn with its P,
 * round after round, each run a process of its own. The files are made once and kept; the largest
 * takes 8 GB.
 *
 * Options: --sizes EVENTS:USERS,… --rounds N --out FILE
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Report } from '@engage-sync/core'
import { eventFile } from './event-files.ts'
import { stepOf } from './growth.ts'
import type { Growth, GrowthSize } from './growth.ts'
import { closePlace, measureParse, measureRun, openPlace, parseAsRun } from './measure-run.ts'
import { fileSource, TWELVE_ATTRIBUTES } from './project.ts'
import { summarise, table } from './summary.ts'
import type { Run } from './summary.ts'

const { values } = parseArgs({
  options: {
    sizes: {
      type: 'string',
      default: '100000:20000,1000000:200000,3000000:200000,10000000:200000',
    },
    rounds: { type: 'string', default: '3' },
    out: {
      type: 'string',
      default: join(import.meta.dirname, '../../../bench-results/growth.json'),
    },
  },
})

/** One file, and the runs measured with it. */
interface Size {
  readonly events: number
  readonly users: number
  readonly file: string
  readonly runs: Map<string, Run[]>
}

const before = loadavg()[1]
const sizes: Size[] = []
for (const text of values.sizes.split(',')) sizes.push(await prepare(text))
for (let round = 0; round < Number(values.rounds); round++)
  for (const size of sizes) await measureOne(size)

const growth: Growth = {
  node: process.version,
  measured_on: new Date().toISOString().slice(0, 10),
  rounds: Number(values.rounds),
  load_average: { before: round(before), after: round(loadavg()[1]) },
  sizes: sizes.map(growthSize),
}
for (const size of growth.sizes) process.stdout.write(`${table({ ...growth, ...size })}\n`)
process.stdout.write(
  `largest ÷ smallest of as many users: ${JSON.stringify(stepOf(growth), null, 2)}\n`,
)
await mkdir(dirname(values.out), { recursive: true })
await writeFile(values.out, `${JSON.stringify(growth, null, 2)}\n`)

async function prepare(text: string): Promise<Size> {
  const [events, users] = text.split(':').map(Number)
  return { events, users, file: await eventFile({ events, users }), runs: new Map() }
}

/** P, a load into an empty state, and the same file once more. */
async function measureOne({ file, runs }: Size): Promise<void> {
  const parse = await measureParse(file)
  const place = await openPlace({ sync: TWELVE_ATTRIBUTES, source: fileSource(file) })
  const keep = (name: string, run: Run) => runs.set(name, [...(runs.get(name) ?? []), run])
  try {
    keep('P: JSON.parse', parseAsRun(parse))
    keep('first load', await measureRun(place, { parse }))
    keep('re-read', await measureRun(place, { parse, flags: ['--reread'] }))
  } finally {
    await closePlace(place)
  }
}

function growthSize({ events, users, runs }: Size): GrowthSize {
  const { subjects } = summarise(runs, { events, users, node: process.version })
  const { braze } = JSON.parse(runs.get('first load')![0].measured.stdout) as Report
  return { events, users, attributes_sent: braze.attributes, subjects }
}

function round(value: number): number {
  return Number(value.toFixed(2))
}
