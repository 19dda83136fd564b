import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { styleText } from 'node:util'
import { gunzipSync } from 'node:zlib'

/** What the live demo works with. */
export interface LiveDemo {
  /** A project with `configs/` and `data/`, of the demo alone. */
  readonly directory: string
  /** The program. */
  readonly command: string
  /** The user who is followed. */
  readonly user: string
  readonly print: (line: string) => void
  readonly heading: (title: string, about?: string) => void
}

/** Events of others that are posted together, and the pause after them, milliseconds. */
const TOGETHER = 60
const PAUSE_MS = 10

/**
 * Real time, on this machine alone: a server and a simulator, the sample's events posted as Segment
 * would, one user followed to Braze.
 *
 * Ends by itself; at a terminal it stays until Ctrl-C, so that the pages can be looked at.
 */
export async function demoLive(demo: LiveDemo): Promise<void> {
  const { directory, heading, print, user } = demo
  await receiveWebhooks(directory)
  const simulator = await start(demo, ['simulator', '--format', 'json'])
  const server = await start(demo, ['serve', '--listen', '127.0.0.1:0', '--format', 'json'])
  try {
    heading('engage-sync serve', 'what Segment posts, in Braze within seconds')
    print(`  server      ${server.url}`)
    print(`  debugger    ${server.url}/debug`)
    print(`  simulator   ${simulator.url}`)

    heading(`User ${user}, live`, 'as the debugger sees it')
    const followed = new AbortController()
    const following = follow(demo, server.url, followed.signal)
    const { sent, seconds } = await post(server.url, await eventsOf(directory), user)
    await workedOn(server.url)
    followed.abort()
    await following

    heading('What Braze now holds', 'read from the simulator')
    const held = (await (await fetch(`${simulator.url}/simulator/users/${user}`)).json()) as {
      readonly custom_attributes: Readonly<Record<string, unknown>>
    }
    for (const [name, value] of Object.entries(held.custom_attributes))
      print(`    ${name.padEnd(26)} ${styleText('cyan', JSON.stringify(value))}`)
    print(`\n${sent.toLocaleString('en')} events acknowledged in ${seconds.toFixed(1)} seconds.`)
    if (process.stdout.isTTY) {
      print('The pages stay until Ctrl-C.')
      await new Promise((resolve) => process.once('SIGINT', resolve))
    }
  } finally {
    await stop(server.child)
    await stop(simulator.child)
  }
}

/** The environment `local` gets its events from a webhook. */
async function receiveWebhooks(directory: string): Promise<void> {
  const path = join(directory, 'configs/engage-sync.yaml')
  const text = await readFile(path, 'utf8')
  await writeFile(
    path,
    text.replace(/engage: \{ events: data\/.*\}/, 'engage: { webhook: { unsigned: true } }'),
  )
}

interface Started {
  readonly url: string
  readonly child: ChildProcess
}

/** Starts a command that goes on, and reads its address. */
async function start({ command, directory }: LiveDemo, words: readonly string[]): Promise<Started> {
  const child = spawn(process.execPath, [command, ...words, '--env', 'local'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let text = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.once('close', (code) => reject(new Error(`engage-sync ${words[0]} ended with ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      text += line
      const found = /"url": ?"([^"]+)"/.exec(text)?.[1]
      if (found !== undefined) resolve(found)
    })
  })
  return { url, child }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGTERM')
  await new Promise((resolve) => child.once('close', resolve))
}

interface Event {
  readonly text: string
  readonly user: string | undefined
}

/** The events of the sample, in order of time. */
async function eventsOf(directory: string): Promise<readonly Event[]> {
  const root = join(directory, 'data/engage')
  const files = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.gz'))
  const texts = await Promise.all(files.map((name) => readFile(join(root, name))))
  const lines = texts.flatMap((bytes) => gunzipSync(bytes).toString('utf8').trim().split('\n'))
  const parsed = lines.flatMap((text) => {
    try {
      const { userId, timestamp = '' } = JSON.parse(text) as { userId?: string; timestamp?: string }
      return [{ text, user: userId, timestamp }]
    } catch {
      return []
    }
  })
  return parsed.toSorted((one, other) => (one.timestamp < other.timestamp ? -1 : 1))
}

/** Posts events as Segment does: one, or some together. */
async function post(url: string, events: readonly Event[], user: string) {
  const began = performance.now()
  let batch: string[] = []
  const flush = async () => {
    if (batch.length === 0) return
    const answer = await fetch(`${url}/segment`, { method: 'POST', body: `[${batch.join(',')}]` })
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
    batch = []
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  for (const event of events) {
    batch.push(event.text)
    if (event.user === user || batch.length === TOGETHER) await flush()
  }
  await flush()
  return { sent: events.length, seconds: (performance.now() - began) / 1000 }
}

interface Shown {
  readonly id: number
  readonly outcome: string
  readonly came_ms: number
  readonly ended_ms: number | null
  readonly event: { readonly kind: string; readonly key: string } | null
  readonly requests: readonly {
    readonly path: string
    readonly answers: readonly string[] | null
  }[]
}

/** Prints what the debugger tells of one user, once it is known how it ended. */
async function follow({ user, print }: LiveDemo, url: string, signal: AbortSignal): Promise<void> {
  const told = new Set<number>()
  try {
    const { body } = await fetch(`${url}/debug/events?user=${user}`, { signal })
    let text = ''
    for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += part
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks.filter((each) => each.includes('event: entry'))) {
        const shown = JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '{}') as Shown
        if (shown.ended_ms === null || told.has(shown.id)) continue
        told.add(shown.id)
        print(lineOf(shown))
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function lineOf({ event, outcome, requests, came_ms: came, ended_ms: ended }: Shown): string {
  const what = event === null ? 'no event of Engage' : `${event.kind} ${event.key}`
  const paths = [...new Set(requests.map(({ path }) => path))].join(', ')
  const took = styleText('dim', `${(ended ?? came) - came} ms`.padStart(7))
  return `    ${took}  ${what.padEnd(34)} ${outcome} ${paths}`.trimEnd()
}

/** Waits until everything that was acknowledged is worked on. */
async function workedOn(url: string): Promise<void> {
  for (;;) {
    const text = await (await fetch(`${url}/metrics`)).text()
    if (text.includes('engage_sync_log_bytes{source="engage"} 0\n')) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
