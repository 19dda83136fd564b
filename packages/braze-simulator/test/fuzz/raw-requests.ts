import { connect } from 'node:net'
import fc from 'fast-check'

const PATHS = [
  '/', '/users/track', '/users/track/bulk', '/users/track/sync', '/users/export/ids', '/users/identify', '/users/merge', '/events/list',
  '/custom_attributes', '/events', '/segments/details', '/subscription/status/get', '/v2/subscription/status/set', '/users/external_ids/rename', '/users/export/segment', '/simulator/exports/%zz.zip', '/simulator/drops', '/partners/simulator/cohorts', '/partners/simulator/cohorts/users', '/partners/%zz/cohorts', '/partners/%/cohorts/users',
  '/simulator', '/simulator/users', '/simulator/users/%E0%A4', '/simulator/cohorts/%', '/simulator/requests/NaN', '/simulator/dump', '/simulator/filter',
  '/simulator/settings', '/simulator/faults', '/simulator/page.css', '/simulator/../etc', '//', '*', 'http://evil.example/users/track', '/users/track?%zz=%',
] // prettier-ignore
const METHODS = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'HEAD',
  'PATCH',
  'TRACE',
  'get',
  'CONNECT',
  'BREW',
]
const NAMES = ['Host', 'Authorization', 'Content-Type', 'Content-Length', 'Transfer-Encoding', 'Origin', 'Expect', 'Upgrade', 'Connection', 'Cookie', 'Sec-Fetch-Site', 'Range'] // prettier-ignore
const VALUES = [
  'localhost', 'Bearer simulator', 'Bearer ', 'application/json', 'application/json; charset=%', '0', '1', '-1', '99999999', 'chunked', 'gzip',
  'null', '100-continue', 'something', 'websocket', 'Upgrade', 'keep-alive', 'cross-site', 'bytes=0-1', '', '%', '\u00ff',
] // prettier-ignore
const BODIES = [
  '', '{}', '[]', 'null', '{"attributes":[{"external_id":"u","a":1}]}', '{"attributes":', '\0', '{"kind":"slow"}', '"', '5\r\n{"a":\r\n0\r\n\r\n',
  '{"attributes":[{"external_id":"u","__proto__":{"a":1},"constructor":null}]}', '{"custom_event":{"custom_event_name":"E"}}',
  '{"cohort_id":"c","name":"n","created_at":"2026","partner_api_key":"simulator","client_secret":"simulator","cohort_changes":[{}]}',
] // prettier-ignore

const text = fc.oneof(
  fc.string({ maxLength: 12, unit: 'binary' }),
  fc.constantFrom('%', '%zz', '../', '?', '#', '\\', '%00'),
)
const header = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...VALUES)) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...NAMES), fc.string({ maxLength: 20, unit: 'binary' })),
  },
)

const plainHeaders = (body: string) =>
  'Host: localhost\r\nAuthorization: Bearer simulator\r\nContent-Type: application/json\r\n' +
  `Content-Length: ${Buffer.byteLength(body)}\r\n`

/** A value once in six times, else null. */
const seldom = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value })

/** A request nothing is wrong with. */
const good = fc
  .tuple(fc.constantFrom(...PATHS), fc.constantFrom(...BODIES))
  .map(([path, body]) => request('POST', path, plainHeaders(body), body))

/** A request of which anything may be wrong. */
const odd = fc
  .record({
    method: fc.constantFrom(...METHODS, 'POST', 'GET'),
    path: fc.tuple(fc.constantFrom(...PATHS), seldom(text)).map((parts) => parts.join('')),
    headers: fc.array(header, { maxLength: 4 }),
    isPlain: fc.boolean(),
    body: fc.oneof(
      fc.constantFrom(...BODIES),
      fc.json({ maxDepth: 3 }),
      fc.string({ maxLength: 40, unit: 'binary' }),
    ),
  })
  .map(({ method, path, headers, isPlain, body }) => {
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    return request(method, path, (isPlain ? plainHeaders(body) : '') + lines, body)
  })

function request(method: string, path: string, headers: string, body: string): Buffer {
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n${body}`)
}

/**
 * Bytes that may or may not be an HTTP request: good ones, odd ones, some of them cut off or with a
 * byte changed.
 */
export const rawRequest = fc
  .tuple(fc.oneof(good, odd, odd), seldom(fc.nat(400)), seldom(fc.nat(400)))
  .map(([bytes, cut, changed]) => {
    if (changed !== null && changed < bytes.length) bytes[changed] ^= 1 << (changed % 8)
    return cut === null ? bytes : bytes.subarray(0, cut)
  })

/**
 * Statuses of all answers to some bytes on a connection of their own; the connection ends when they
 * are sent.
 */
export async function send(url: string, bytes: Buffer): Promise<readonly number[]> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let answer = ''
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1')
    if (answer.includes('text/event-stream')) socket.destroy()
  })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.end(bytes)
  await closed
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
}
