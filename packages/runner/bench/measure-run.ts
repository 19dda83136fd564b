import { join } from 'node:path'
import { measureProcess } from './process.ts'
import type { Measured } from './process.ts'
import { createProject } from './project.ts'
import type { BenchProject } from './project.ts'
import { startSink } from './sink.ts'
import type { Sink } from './sink.ts'
import type { Run } from './summary.ts'
import { NO_TRAFFIC } from './traffic.ts'

/** A project, and what it sends to. */
export interface Place {
  readonly project: BenchProject
  readonly sink: Sink
}

/** Makes both. `answerDelayMs` is 0 by default. */
export async function openPlace(options: {
  readonly sync: string
  readonly source: string
  readonly answerDelayMs?: number
}): Promise<Place> {
  const sink = await startSink({ answerDelayMs: options.answerDelayMs ?? 0 })
  return { sink, project: await createProject({ ...options, url: sink.url }) }
}

/** Stops and removes both. */
export async function closePlace({ project, sink }: Place): Promise<void> {
  await sink.stop()
  await project.remove()
}

/** Runs the command line in a project, beside the P of the round. */
export async function measureRun(
  { project, sink }: Place,
  { flags = [], parse }: { flags?: readonly string[]; parse: Measured },
): Promise<Run> {
  await sink.takeTraffic()
  const measured = await measureProcess([...project.run, ...flags], project.directory)
  return { measured, parse, traffic: await sink.takeTraffic() }
}

/** P: one thread that parses every line of a file. */
export function measureParse(file: string): Promise<Measured> {
  return measureProcess([join(import.meta.dirname, 'parse-lines.ts'), file], import.meta.dirname)
}

/** P as a subject of its own. */
export function parseAsRun(parse: Measured): Run {
  return { measured: parse, parse, traffic: NO_TRAFFIC }
}
