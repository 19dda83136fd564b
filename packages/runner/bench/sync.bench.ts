/*
 * The whole way, as the command line does it: read, decode, fold, plan, deliver to a sink in
 * another process, commit. Every subject runs in a process of its own, in turn with P (one thread
 * that parses every line), round after round.
 *
 * Options: --events N --users N --rounds N --only a,b --out FILE
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { eventFiles } from './event-files.ts'
import { closePlace, measureParse, measureRun, openPlace, parseAsRun } from './measure-run.ts'
import type { Place } from './measure-run.ts'
import type { Measured } from './process.ts'
import { measureProcess } from './process.ts'
import { EVERY_ENCODING, fileSource, THIRTEEN_ATTRIBUTES, TWELVE_ATTRIBUTES } from './project.ts'
import type { BenchProject } from './project.ts'
import { summarise, table } from './summary.ts'
import type { Run } from './summary.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '400000' },
    users: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    out: { type: 'string' },
  },
})

/** One thing to measure. `prepare` is not. */
interface Subject {
  readonly name: string
  readonly prepare: (project: BenchProject) => Promise<void>
  readonly sync: string
  /** The sync that is measured, when `prepare` takes another. */
  readonly changed?: string
  readonly file: keyof Files
  readonly answerDelayMs?: number
  readonly flags?: readonly string[]
}

type Files = Awaited<ReturnType<typeof eventFiles>>

const fromNothing = (project: BenchProject) => project.restoreState()
/** A state that knows a file. */
const fromLoaded = (file: keyof Files) => async (project: BenchProject) => {
  if (!loaded.has(project)) await load(project, files[file])
  await project.restoreState()
}
const loaded = new Set<BenchProject>()

const SUBJECTS: readonly Subject[] = [
  { name: 'first load', prepare: fromNothing, sync: TWELVE_ATTRIBUTES, file: 'plain' },
  { name: 'first load, every encoding', prepare: fromNothing, sync: EVERY_ENCODING, file: 'plain' },
  {
    name: 'first load, 50 ms answers',
    prepare: fromNothing,
    sync: TWELVE_ATTRIBUTES,
    file: 'plain',
    answerDelayMs: 50,
  },
  {
    name: 're-read, no change',
    prepare: fromLoaded('plain'),
    sync: TWELVE_ATTRIBUTES,
    file: 'plain',
    flags: ['--reread'],
  },
  {
    name: 're-read, no change, gzip',
    prepare: fromLoaded('plain'),
    sync: TWELVE_ATTRIBUTES,
    file: 'packed',
    flags: ['--reread'],
  },
  {
    name: 'one mapping added',
    prepare: fromLoaded('plain'),
    sync: TWELVE_ATTRIBUTES,
    changed: THIRTEEN_ATTRIBUTES,
    file: 'plain',
  },
  {
    name: 'later file, 5 % new',
    prepare: fromLoaded('later'),
    sync: TWELVE_ATTRIBUTES,
    file: 'changed',
  },
]

const files = await eventFiles({ events: Number(values.events), users: Number(values.users) })
const chosen = SUBJECTS.filter(
  ({ name }) =>
    values.only === undefined || values.only.split(',').some((part) => name.includes(part)),
)
const runs = new Map<string, Run[]>()
const places = new Map<Subject, Place>()

try {
  for (const subject of chosen)
    places.set(subject, await openPlace({ ...subject, source: fileSource(files[subject.file]) }))
  for (let round = 0; round < Number(values.rounds); round++) {
    const parse = await measureParse(files.plain)
    keep('P: JSON.parse', parseAsRun(parse))
    for (const subject of chosen) keep(subject.name, await measureOne(subject, parse))
  }
  const summary = summarise(runs, {
    events: Number(values.events),
    users: Number(values.users),
    node: process.version,
  })
  process.stdout.write(table(summary))
  const out = values.out ?? join(import.meta.dirname, '../../../bench-results/sync.json')
  await mkdir(dirname(out), { recursive: true })
  await writeFile(out, `${JSON.stringify(summary, null, 2)}\n`)
} finally {
  for (const place of places.values()) await closePlace(place)
}

async function load(project: BenchProject, file: string): Promise<void> {
  await project.useSource(fileSource(file))
  await measureProcess(project.run, project.directory)
  await project.keepState()
  loaded.add(project)
}

async function measureOne(subject: Subject, parse: Measured): Promise<Run> {
  const place = places.get(subject)!
  await subject.prepare(place.project)
  if (subject.changed !== undefined) await place.project.useSync(subject.changed)
  await place.project.useSource(fileSource(files[subject.file]))
  return measureRun(place, { parse, flags: subject.flags })
}

function keep(name: string, run: Run): void {
  runs.set(name, [...(runs.get(name) ?? []), run])
}
