/*
 * Acknowledging: how much a request costs that is checked and on disk before its answer, beside a bare `node:http` server
 * that only reads and answers, in one run; and how long an answer takes at 2,000 a second.
 *
 * `node packages/runner/bench/ack.bench.ts [--json]`; the two take turns, and the least of all rounds counts.
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROUNDS = 5
const REQUESTS = 8000
const CONNECTIONS = 64
const PACED_A_SECOND = 2000
const PACED_SECONDS = 5

interface Receiver {
  readonly port: number
  readonly child: ChildProcess
  readonly agent: Agent
}

const directory = mkdtempSync(join(tmpdir(), 'engage-sync-ack-'))
const bodies = Array.from({ length: 1000 }, (_, number) => bodyOf(number))
const kinds = ['bare', 'front'] as const
const receivers = await Promise.all(kinds.map(start))
try {
  const least = new Map(kinds.map((kind) => [kind, Infinity]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, kind] of kinds.entries()) {
      const receiver = receivers[at]
      if (receiver === undefined) continue
      const micros = (await cpuOf(receiver, () => flood(receiver))) / REQUESTS
      least.set(kind, Math.min(least.get(kind) ?? Infinity, micros))
    }
  }
  const paced = receivers[1] === undefined ? [] : await pace(receivers[1])
  const [bare = 0, front = 0] = kinds.map((kind) => least.get(kind))
  const found = {
    bare_cpu_us: Math.round(bare),
    front_cpu_us: Math.round(front),
    ratio: Number((front / bare).toFixed(2)),
    paced_p50_ms: quantile(paced, 0.5),
    paced_p99_ms: quantile(paced, 0.99),
  }
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(found)}\n`)
  else
    process.stdout.write(
      `bare node:http   ${found.bare_cpu_us} µs of CPU a request\n` +
        `front of serve   ${found.front_cpu_us} µs, ${found.ratio} ×\n` +
        `at ${PACED_A_SECOND}/s       p50 ${found.paced_p50_ms} ms, p99 ${found.paced_p99_ms} ms\n`,
    )
} finally {
  for (const { child, agent } of receivers) {
    agent.destroy()
    child.kill()
  }
  rmSync(directory, { recursive: true, force: true })
}

async function start(kind: (typeof kinds)[number]): Promise<Receiver> {
  const child = fork(join(import.meta.dirname, 'ack-server.ts'), [kind, directory], {
    execArgv: ['--conditions=engage-sync-source', '--no-warnings'],
  })
  const { port } = await told<{ port: number }>(child)
  return { port, child, agent: new Agent({ keepAlive: true, maxSockets: CONNECTIONS }) }
}

function told<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve) => child.once('message', (message) => resolve(message as Message)))
}

/** CPU a process takes meanwhile, microseconds. */
async function cpuOf({ child }: Receiver, work: () => Promise<void>): Promise<number> {
  const ask = async () => {
    child.send('cpu')
    const { cpu } = await told<{ cpu: NodeJS.CpuUsage }>(child)
    return cpu.user + cpu.system
  }
  const before = await ask()
  await work()
  return (await ask()) - before
}

async function flood(receiver: Receiver): Promise<void> {
  let next = 0
  const work = async () => {
    while (next < REQUESTS) await post(receiver, next++)
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work))
}

/** So many a second, whether the last ones were answered or not; how long each took, milliseconds. */
async function pace(receiver: Receiver): Promise<readonly number[]> {
  const took: Promise<number>[] = []
  const began = performance.now()
  while (took.length < PACED_A_SECOND * PACED_SECONDS) {
    const due = ((performance.now() - began) / 1000) * PACED_A_SECOND
    while (took.length < due) took.push(post(receiver, took.length))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return (await Promise.all(took)).toSorted((one, other) => one - other)
}

function post({ port, agent }: Receiver, number: number): Promise<number> {
  const { body, signature } = bodies[number % bodies.length] ?? { body: '{}', signature: '' }
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'x-signature': signature }
    const sent = request(
      { port, host: '127.0.0.1', path: '/segment', method: 'POST', agent, headers },
      (answer) => {
        answer.resume()
        answer.on('end', () =>
          answer.statusCode === 200
            ? resolve(performance.now() - began)
            : reject(new Error(`answered ${answer.statusCode}`)),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

/** An event as Engage sends it, of some 800 bytes. */
function bodyOf(number: number): { readonly body: string; readonly signature: string } {
  const body = JSON.stringify({
    type: 'identify',
    userId: `user-${number}`,
    messageId: `personas_${String(number).padStart(27, '0')}`,
    timestamp: '2026-03-01T10:00:00.000Z',
    receivedAt: '2026-03-01T10:00:01.000Z',
    traits: { lifetime_value: number },
    context: {
      personas: {
        computation_class: 'trait',
        computation_key: 'lifetime_value',
        computation_id: 'cmp_0123456789',
        namespace: 'spa_0123456789',
        space_id: 'spa_0123456789',
      },
      externalIds: Array.from({ length: 3 }, (_, at) => ({
        id: `${number}-${at}@example.com`,
        type: 'email',
        collection: 'users',
        encoding: 'none',
      })),
    },
  })
  return { body, signature: createHmac('sha1', 'secret').update(body).digest('hex') }
}

function quantile(sorted: readonly number[], share: number): number {
  return Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1))
}
