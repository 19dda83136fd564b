import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { demoDays, writeEvents } from '../src/events/index.ts'
import type { GenerateOptions } from '../src/events/index.ts'

const USAGE = `Usage: node generate.ts --events N --users M [--seed S] --out FILE(.gz) [--change 5%] [--start 2026-01-05]
       node generate.ts --demo DIRECTORY`
const GZIP_LEVEL = 9

const { values } = parseArgs({
  options: {
    events: { type: 'string' },
    users: { type: 'string' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
    change: { type: 'string' },
    start: { type: 'string' },
    demo: { type: 'string' },
  },
})

if (values.demo !== undefined) await writeDemo(values.demo)
else if (values.events === undefined || values.users === undefined || values.out === undefined) {
  process.stderr.write(`${USAGE}\n`)
  process.exitCode = 2
} else await writeEvents(values.out, options())

function options(): GenerateOptions {
  return {
    events: wholeNumber(values.events),
    users: wholeNumber(values.users),
    seed: wholeNumber(values.seed),
    change: share(values.change),
    start: values.start === undefined ? undefined : Date.parse(values.start),
  }
}

/** The sample of the repository. The gzip header carries no time, so the files are the same each time. */
async function writeDemo(directory: string): Promise<void> {
  for (const { name, events } of demoDays()) {
    const path = join(directory, `${name}.ndjson.gz`)
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join('')
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, gzipSync(text, { level: GZIP_LEVEL }))
  }
}

function wholeNumber(text: string | undefined): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0)
    throw new TypeError(`Expected a whole number, got ${text}`)
  return number
}

function share(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  return text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text)
}
