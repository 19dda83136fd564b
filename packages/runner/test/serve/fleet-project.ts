import { startSimulator } from '@engage-sync/braze-simulator'
import { startPostgres } from '@engage-sync/testkit'
import { expect, onTestFinished, vi } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'
import { HOOK_ENV, hookProject, serveProcess, SHOPPERS } from './serving.ts'
import type { ServingProcess } from './serving.ts'

/**
 * A project whose state is in a PostgreSQL of its own, over a simulator of its own: a trait that is
 * an attribute, and an event each time.
 *
 * @param serve - what `serve:` says, as YAML
 */
export async function sharedProject(serve = '{ log: postgres }') {
  const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  onTestFinished(() => simulator.close())
  const database = await startPostgres()
  onTestFinished(() => database.stop())
  const { root } = makeProject({
    'configs/engage-sync.yaml': hookProject(simulator.url, undefined, serve).replace(
      '    serve:',
      '    state: { url: "${DATABASE_URL}" }\n    serve:',
    ),
    'configs/shoppers.yaml': SHOPPERS.replace(
      'lifetime_value: ltv',
      'lifetime_value: { attribute: ltv, event: Computed }',
    ),
  })
  const env = { ...HOOK_ENV, DATABASE_URL: database.url }
  const run = (...argv: readonly string[]) => runCommand(argv, { cwd: root, env, now: Date.now })
  const start = (...argv: readonly string[]) => serveProcess(root, { env, argv })
  return { simulator, root, env, run, start }
}

/** The partitions of a worker, as it says itself. */
export async function owned(worker: ServingProcess): Promise<number> {
  const text = await (await worker.get('/metrics')).text()
  return Number(/^engage_sync_owned_partitions (\d+)$/m.exec(text)?.[1] ?? 0)
}

/** Enough for a machine that is busy. */
export const EACH = { timeout: 60_000, interval: 250 }

/** A front and three workers that share all partitions; the first was there alone, and brought the state in line. */
export async function frontAndThree(
  start: (...argv: readonly string[]) => Promise<ServingProcess>,
): Promise<{
  readonly front: ServingProcess
  readonly workers: readonly [ServingProcess, ServingProcess, ServingProcess]
}> {
  const worker = () => start('--role', 'worker')
  const front = await start('--role', 'front')
  const first = await worker()
  await vi.waitFor(async () => expect(await owned(first)).toBe(64), EACH)
  const workers = [first, await worker(), await worker()] as const
  await vi.waitFor(async () => {
    const shares = await Promise.all(workers.map(owned))
    expect(shares.toSorted((a, b) => a - b)).toEqual([21, 21, 22])
  }, EACH)
  return { front, workers }
}

/** A value of now, as one line. */
export function valueLine(user: string, ltv: number): string {
  const timestamp = new Date().toISOString()
  const line = JSON.parse(traitLine(user, 'lifetime_value', ltv)) as object
  return JSON.stringify({ ...line, timestamp, receivedAt: timestamp })
}

/** How often the event of a user arrived. */
export async function eventsOf(simulator: string, user: string): Promise<number> {
  const answer = await fetch(`${simulator}/simulator/users/${user}`)
  if (!answer.ok) return 0
  const { custom_events: events } = (await answer.json()) as {
    readonly custom_events?: readonly { readonly count: number }[]
  }
  return events?.[0]?.count ?? 0
}

/** Nobody was in two open requests at once. */
export async function expectNoOverlaps(simulator: string): Promise<void> {
  const overlaps = await fetch(`${simulator}/simulator/overlaps`)
  expect(await overlaps.json()).toMatchObject({ total: 0 })
}

/**
 * The first event of a kind that the debugger of a process tells.
 *
 * @param causes - done once somebody looks: nothing is collected before
 */
export async function toldBy(
  url: string,
  kind: string,
  query = '',
  causes: () => Promise<unknown> = async () => undefined,
): Promise<unknown> {
  const leave = new AbortController()
  const answer = await fetch(`${url}/debug/events${query}`, { signal: leave.signal })
  await causes()
  let text = ''
  for await (const part of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += part
    const found = new RegExp(`event: ${kind}\\ndata: (.*)\\n\\n`, 'u').exec(text)
    if (found === null) continue
    leave.abort()
    return JSON.parse(found[1] ?? '')
  }
  throw new Error(`nothing was told of ${kind}`)
}

/** A worker as `state show` tells of it. */
interface Shown {
  readonly name: string
  readonly configuration: number
  readonly partitions: readonly number[]
}

/** All workers of a project, as `state show` says. */
export async function shownBy(run: Awaited<ReturnType<typeof sharedProject>>['run']) {
  const { out } = await run('state', 'show', '--format', 'json')
  return (JSON.parse(out) as { readonly workers: readonly Shown[] }).workers
}

/** Names that a query finds in a state. */
export async function namesIn(url: string, sql: string): Promise<readonly string[]> {
  const { default: pg } = await import('pg')
  const client = new pg.Client(url)
  await client.connect()
  await client.query('SET search_path TO engage_sync')
  const { rows } = await client.query<{ name: string }>(sql)
  await client.end()
  return rows.map(({ name }) => name)
}
