import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../src/bin.ts', import.meta.url))

/** The command in a process of its own. */
export interface Spawned {
  readonly child: ChildProcess
  readonly url: string
}

/** Starts the command, and waits for its first line. It stops when its standard input ends, so none outlives the tests. */
export async function spawnSimulator(flags: readonly string[] = []): Promise<Spawned> {
  const child = spawn(process.execPath, [BIN, '--exit-with-stdin', ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const line = once(createInterface(child.stdout!), 'line') as Promise<[string]>
  const exit = once(child, 'exit').then(() =>
    Promise.reject(new Error('the simulator ended before it listened')),
  )
  exit.catch(() => undefined)
  const [url] = await Promise.race([line, exit])
  return { child, url }
}

/** Runs the command to its end. */
export async function runCommand(
  flags: readonly string[],
): Promise<{ code: number; out: string; error: string }> {
  const child = spawn(process.execPath, [BIN, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
  const texts = { out: '', error: '' }
  child.stdout.on('data', (chunk: Buffer) => (texts.out += String(chunk)))
  child.stderr.on('data', (chunk: Buffer) => (texts.error += String(chunk)))
  const [code] = (await once(child, 'close')) as [number]
  return { code, ...texts }
}

/** Sends to `/users/track` with the default key. */
export function track(url: string, body: unknown): Promise<Response> {
  const headers = { authorization: 'Bearer simulator', 'content-type': 'application/json' }
  return fetch(`${url}/users/track`, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** Sends a signal, and gives how the process ended. */
export async function end(
  child: ChildProcess,
  signal: NodeJS.Signals,
): Promise<readonly [number | null, NodeJS.Signals | null]> {
  const exit = once(child, 'exit')
  child.kill(signal)
  return (await exit) as [number | null, NodeJS.Signals | null]
}
