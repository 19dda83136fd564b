import { createServer, request as httpRequest } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Random } from '@engage-sync/testkit'

/** Something that stands before Braze and answers as it likes, until it is calm. */
export interface OddFront {
  readonly url: string
  /** Odd answers that are left to give. */
  left: number
  /** What it did, in order; for whoever reads a failure. */
  readonly did: string[]
  close(): Promise<void>
}

/** An answer that is not Braze's. Some come after Braze did what it was asked, some instead. */
interface Oddity {
  readonly name: string
  write(socket: Socket, random: Random): void
}

const CRLF = '\r\n'
const MEGABYTE = 'x'.repeat(1024 * 1024)

function raw(status: number, headers: readonly string[], body: string): string {
  const length = `Content-Length: ${Buffer.byteLength(body)}`
  return [`HTTP/1.1 ${status} Odd`, length, ...headers, '', body].join(CRLF)
}

const ended = (name: string, text: string): Oddity => ({
  name,
  write: (socket) => socket.end(text),
})

const BODIES = ['', '{}', 'null', '[]', '0', '"ok"', '{"message":7}', '{"mess', '<html>no</html>']
const ANSWERS: readonly Oddity[] = [
  ...[200, 201, 202, 204, 206].flatMap((status) =>
    BODIES.map((body) => ended(`${status} ${body}`, raw(status, [], status === 204 ? '' : body))),
  ),
  ended('no HTTP', `hello${CRLF}${CRLF}`),
  ended('half a head', 'HTTP/1.1 201 Cre'),
  ended(
    'two lengths',
    `HTTP/1.1 201 A${CRLF}Content-Length: 1${CRLF}Content-Length: 2${CRLF}${CRLF}ab`,
  ),
  ended('too short', `HTTP/1.1 201 A${CRLF}Content-Length: 99${CRLF}${CRLF}{"message":"success"}`),
  ended('a long head', raw(201, [`X-Long: ${'x'.repeat(100_000)}`], '{}')),
  ended('deep JSON', raw(201, [], `${'['.repeat(100_000)}${']'.repeat(100_000)}`)),
  { name: 'reset', write: (socket) => void socket.resetAndDestroy() },
  { name: 'hang', write: () => undefined },
  { name: 'drip', write: drip },
  { name: 'endless', write: pour },
]

/**
 * Answers that say nothing was done, and are none of Braze's; only where nothing was. A 413 is not
 * among them: of one object alone it is a refusal.
 */
const REFUSALS: readonly Oddity[] = [100, 301, 307, 404, 500, 502, 503, 504, 599].map((status) =>
  ended(`${status}`, raw(status, ['Location: /elsewhere'], '<html>no</html>')),
)

/** Of a cohort call any JSON object is a success: what Braze answers there is not documented. */
const COHORTS = '/partners/'
const NO_OBJECTS = ANSWERS.filter(({ name }) => !/^20[0-6] {/.test(name) || name.startsWith('204'))

/** A head at once, then a byte now and then: never whole, never silent. */
function drip(socket: Socket): void {
  socket.write(`HTTP/1.1 201 A${CRLF}Content-Length: 1000${CRLF}${CRLF}`)
  const timer = setInterval(() => socket.write(' '), 50)
  socket.once('close', () => clearInterval(timer))
}

/** A body that never ends, as fast as it is taken. */
function pour(socket: Socket): void {
  socket.write(`HTTP/1.1 201 A${CRLF}Transfer-Encoding: chunked${CRLF}${CRLF}`)
  const more = () => {
    while (!socket.destroyed && socket.write(`100000${CRLF}${MEGABYTE}${CRLF}`));
  }
  socket.on('drain', more)
  more()
}

const ODD_HEADERS: readonly (() => Readonly<Record<string, string>>)[] = [
  ...['', 'NaN', '-1', '0', '1e309', '99999999999999', 'soon', String(Date.now()), '1.5'].map(
    (reset) => () => ({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }),
  ),
  () => ({ 'x-ratelimit-remaining': '-7', 'x-ratelimit-limit': 'many' }),
  () => ({ 'x-ratelimit-remaining': 'NaN', 'x-ratelimit-limit': '0' }),
  () => ({ 'x-ratelimit-limit': '1e-9', 'x-ratelimit-remaining': '1e-9' }),
  () => ({ date: 'yesterday' }),
]

const RETRY_AFTER = ['0', '-1', 'soon', '', '1e9', '0.01', 'Fri, 31 Dec 9999 23:59:59 GMT', 'NaN']

/**
 * Starts a front that draws, for each request, whether it is passed on and how it is answered.
 *
 * An answer that says no more than `success` without Braze having done anything is none of these:
 * nobody could tell it from the truth. Nor is a refusal with its reason.
 */
export async function startOddFront(behind: string, random: Random): Promise<OddFront> {
  const front = { left: 0, did: [] as string[] }
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    void answer(request, response, { front, behind, random }).catch(() => response.destroy())
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(front, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

interface Place {
  readonly front: Pick<OddFront, 'left' | 'did'>
  readonly behind: string
  readonly random: Random
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { front, behind, random }: Place,
): Promise<void> {
  const body = Buffer.concat(await request.toArray())
  const roll = front.left > 0 ? random.below(10) : 9
  if (roll < 9) front.left--
  if (roll < 2) {
    front.did.push('429')
    response.writeHead(429, { 'retry-after': random.pick(RETRY_AFTER) }).end('{"message":"slow"}')
    return
  }
  if (roll < 4) {
    const answers = request.url?.startsWith(COHORTS) === true ? NO_OBJECTS : ANSWERS
    const oddity = random.pick([...answers, ...REFUSALS])
    front.did.push(`instead: ${oddity.name} ${request.url}`)
    oddity.write(request.socket, random)
    return
  }
  const { status, headers, text } = await passOn(behind, request, body)
  if (roll < 6) {
    const oddity = random.pick(ANSWERS)
    front.did.push(`after: ${oddity.name} ${request.url}`)
    oddity.write(request.socket, random)
    return
  }
  const odd = roll < 9 ? random.pick(ODD_HEADERS)() : {}
  if (roll < 9) front.did.push(`headers: ${JSON.stringify(odd)}`)
  response.writeHead(status, { 'content-type': headers['content-type'], ...odd }).end(text)
}

interface Passed {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: Buffer
}

async function passOn(behind: string, request: IncomingMessage, body: Buffer): Promise<Passed> {
  const { host: _, ...headers } = request.headers
  const from = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest(new URL(request.url ?? '/', behind), { method: request.method, headers }, resolve)
      .once('error', reject)
      .end(body)
  })
  return {
    status: from.statusCode ?? 500,
    headers: from.headers,
    text: Buffer.concat(await from.toArray()),
  }
}
