import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/**
 * Requests of 75 objects a second: the simulator in a process of its own, the sender here, over
 * kept connections.
 *
 * Prints what was counted by the clock, and what one core of the simulator could take: requests by
 * its own processor time.
 */
const SECONDS = Number(process.argv[2] ?? 5)
const CONNECTIONS = 8
const OBJECTS = 75
const CLOCK_TICKS = 100

const MODES: Readonly<Record<string, readonly string[]>> = {
  lean: ['--lean'],
  'everything kept': [],
  'everything kept, with a store': [
    '--store',
    join(mkdtempSync(join(tmpdir(), 'simulator-')), 'store.ndjson'),
  ],
}

for (const [name, flags] of Object.entries(MODES)) await measure(name, flags)

async function measure(name: string, flags: readonly string[]): Promise<void> {
  const bin = new URL('../src/bin.ts', import.meta.url).pathname
  const child = spawn(
    process.execPath,
    [bin, '--track-limit', '0', '--exit-with-stdin', ...flags],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const url = new URL(String((await once(createInterface(child.stdout), 'line'))[0]))
  const requests = Array.from({ length: 20 }, (_, index) => requestBytes(index))
  await drive(url, requests, 1)
  const before = cpuSeconds(child.pid!)
  const started = performance.now()
  const count = await drive(url, requests, SECONDS)
  const wall = (performance.now() - started) / 1000
  const cpu = cpuSeconds(child.pid!) - before
  console.log(
    `${name.padEnd(32)} ${Math.round(count / wall)} requests/s by the clock, ${Math.round(count / cpu)} a core-second, ` +
      `${requests[0].length} bytes each, ${OBJECTS} objects`,
  )
  child.stdin.end()
  await once(child, 'exit')
}

/**
 * Answers received in the given time; each connection sends its next request when the last is
 * answered.
 */
async function drive(url: URL, requests: readonly Buffer[], seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1000
  const counts = await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, lane) => {
      const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
      await once(socket, 'connect')
      const count = await exchange(socket, requests, lane, until)
      socket.destroy()
      return count
    }),
  )
  return counts.reduce((sum, count) => sum + count)
}

function exchange(
  socket: Socket,
  requests: readonly Buffer[],
  lane: number,
  until: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let count = 0
    const send = () => socket.write(requests[(lane * 7 + count) % requests.length])
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => {
      if (!chunk.toString('latin1').startsWith('HTTP/1.1 201'))
        return reject(new Error(chunk.toString('utf8').slice(0, 200)))
      count += 1
      if (performance.now() >= until) resolve(count)
      else send()
    })
    send()
  })
}

/** 60 attribute objects of four values and 15 events, as a sync would send them. */
function requestBytes(seed: number): Buffer {
  const attributes = Array.from({ length: 60 }, (_, index) => ({
    external_id: `user-${seed * 75 + index}`,
    lifetime_value: index * 1.5,
    plan: 'gold',
    last_seen: '2026-03-01T09:30:00.000Z',
    dormant_shopper: index % 2 === 0,
  }))
  const events = Array.from({ length: OBJECTS - 60 }, (_, index) => ({
    external_id: `user-${seed * 75 + index}`,
    name: 'Audience Entered',
    time: '2026-03-01T09:30:00.000Z',
    properties: { audience_key: 'dormant_shopper', dormant_shopper: true },
  }))
  const body = Buffer.from(JSON.stringify({ attributes, events }))
  const head = `POST /users/track HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer simulator\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS
}
