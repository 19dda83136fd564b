/**
 * CPU of packing one object, by batch mode. Prints one JSON object a line. Run: `node bench/pack.ts
 * [users]`.
 *
 * `floor_ns` is the least any packer does in the same run: write each object's text into a buffer,
 * copy each body out.
 */
import type { Update } from '@engage-sync/contract'
import { createPacker, newPackingState } from '../src/packing/pack.ts'
import type { BatchMode } from '../src/packing/pack.ts'

const [count = 200_000] = process.argv.slice(2).map(Number)
const ROUNDS = 5
/** Requests that stay unanswered, as in a run. */
const IN_FLIGHT = 100

const updates = Array.from({ length: count }, (_, ref): Update => ({
  ref,
  user: { externalId: `user-${ref}-0123456789` },
  attributes: `"ltv":${ref},"vip":true,"last_product_viewed_item":"product ${ref}","dormant_shopper":false`,
  attributeNames: [],
  events:
    ref % 4 === 0
      ? [
          {
            ref: 0,
            members: `"name":"Trait Computed","time":"2026-01-01T00:00:00.000Z","properties":{"ltv":${ref}}`,
          },
        ]
      : [],
  memberships: [],
  createUser: true,
}))

interface Packed {
  readonly objects: number
  readonly requests: number
}

function pack(mode: BatchMode): Packed {
  const state = newPackingState()
  const packer = createPacker(mode, state)
  let objects = 0
  let requests = 0
  const take = (request: { readonly id: number; readonly parts: readonly unknown[] }) => {
    objects += request.parts.length
    requests++
    if (request.id > IN_FLIGHT) state.inFlight.answered(request.id - IN_FLIGHT)
  }
  for (const update of updates) for (const request of packer.add(update)) take(request)
  for (const request of packer.flush()) take(request)
  return { objects, requests }
}

function writeAll(): Packed {
  const buffer = Buffer.allocUnsafeSlow(65_536)
  let objects = 0
  let requests = 0
  let at = 0
  const write = (text: string) => {
    at += buffer.write(text, at)
    if (++objects % 75 > 0) return
    requests++
    Buffer.from(buffer.subarray(0, at))
    at = 0
  }
  for (const { user, attributes, events } of updates) {
    const id = JSON.stringify('externalId' in user ? user.externalId : '')
    write(`{"external_id":${id},${attributes}},`)
    for (const { members } of events) write(`{"external_id":${id},${members}},`)
  }
  return { objects, requests }
}

function nanosPerObject(run: () => Packed): number {
  const before = process.threadCpuUsage()
  const { objects } = run()
  const used = process.threadCpuUsage(before)
  return ((used.user + used.system) * 1000) / objects
}

for (const mode of ['combined', 'per_array', 'bulk'] as const) {
  const { objects, requests } = pack(mode)
  writeAll()
  const rounds = Array.from({ length: ROUNDS }, () => ({
    floor: nanosPerObject(writeAll),
    packed: nanosPerObject(() => pack(mode)),
  }))
  const least = (key: 'floor' | 'packed') =>
    Math.round(Math.min(...rounds.map((round) => round[key])))
  console.log(
    JSON.stringify({
      mode,
      objects,
      requests,
      per_request: objects / requests,
      ns: least('packed'),
      floor_ns: least('floor'),
    }),
  )
}
