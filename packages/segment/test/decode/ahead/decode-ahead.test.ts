import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { generateEvents } from '@engage-sync/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeSource } from '@engage-sync/contract'
import type { DecodePlan, RawChunk, SourceJson } from '@engage-sync/contract'
import { decodeAhead } from '../../../src/decode/ahead/decode-ahead.ts'
import { ExactDecoder } from '../../../src/decode/row/exact-decoder.ts'
import { createRowDecoder } from '../../../src/decode/hot/row-decoder.ts'
import { AUDIENCE_CASES } from '../corpus/audiences.ts'
import { ENVELOPE_CASES } from '../corpus/envelope.ts'
import { TRAIT_CASES } from '../corpus/traits.ts'
import { plainRow } from '../row-text.ts'

const PLAN: DecodePlan = {
  keys: [
    { kind: 'trait', key: 'lifetime_value', path: [] },
    { kind: 'trait', key: 'preferred_store', path: ['city'] },
    { kind: 'trait', key: 'preferred_store', path: [] },
    { kind: 'audience', key: 'dormant_shopper', path: [] },
    { kind: 'enrichment', key: 'email', path: [] },
  ],
  identities: [
    { externalId: { from: 'userId' }, alias: { from: 'anonymousId', label: 'anonymous' } },
    { externalId: { from: 'email' }, alias: null },
  ],
  timeField: 'timestamp',
}
const CORPUS = [...AUDIENCE_CASES, ...TRAIT_CASES, ...ENVELOPE_CASES].flatMap(
  ({ payload }) => writeSource(payload as SourceJson) ?? [],
)
const EVENTS = [...generateEvents({ events: 600, users: 80, seed: 5 })].map((event) =>
  typeof event === 'string' ? event : JSON.stringify(event),
)
const UNUSUAL = [
  '',
  'null',
  '{"type":',
  '[1,2]',
  '{"type":"identify","userId":"\\u00fc","traits":{"lifetime_value":1.0}}',
  '\ud800',
]
const record = fc.oneof(
  fc.constantFrom(...EVENTS),
  fc.constantFrom(...CORPUS),
  fc.constantFrom(...UNUSUAL),
  fc.json(),
)

/** Everything goes to the thread. */
const ALL = { afterBytes: 0, isShared: false }

/** Chunks of these records, all in one buffer that every chunk overwrites, as sources do. */
async function* chunksOf(chunks: readonly (readonly string[])[]): AsyncGenerator<RawChunk> {
  const buffer = Buffer.alloc(1024 * 1024)
  for (const [number, records] of chunks.entries()) {
    buffer.fill(0x78)
    const spans = new Int32Array(records.length * 2 + 6)
    let at = 3
    for (const [index, text] of records.entries()) {
      spans[index * 2] = at
      at += buffer.write(text, at)
      spans[index * 2 + 1] = at
      at += buffer.write('\r\n', at)
    }
    const rejected = [{ code: 'RECORD_TOO_LONG', message: 'too long', origin: 'x', record: number }]
    const complete = number === chunks.length - 1 ? { complete: { time: number } } : {}
    yield {
      bytes: buffer,
      spans,
      count: records.length,
      position: { number },
      origin: { name: 'x', firstRecord: 1 },
      rejected,
      ...complete,
    }
    await Promise.resolve()
  }
}

const plain = (chunks: readonly (readonly string[])[]) => {
  const exact = new ExactDecoder(PLAN)
  return chunks.map((records) =>
    records.map((text) => {
      const bytes = Buffer.from(text)
      return plainRow(exact.decode(bytes, 0, bytes.length), PLAN)
    }),
  )
}

describe('decodeAhead', () => {
  it('gives every row a decoder on this thread gives, chunk by chunk', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(record, { maxLength: 40 }), { maxLength: 12 }),
        async (chunks) => {
          const rows = []
          const frames = []
          for await (const { rows: decoded, count, position, rejected, complete } of decodeAhead(
            chunksOf(chunks),
            PLAN,
            ALL,
          )) {
            rows.push(
              Array.from({ length: count }, (_, index) => plainRow(decoded!.at(index), PLAN)),
            )
            frames.push([position, rejected[0].record, complete?.time])
          }

          expect(rows).toEqual(plain(chunks))
          expect(frames).toEqual(
            chunks.map((_, number) => [
              { number },
              number,
              number === chunks.length - 1 ? number : undefined,
            ]),
          )
        },
      ),
      { numRuns: 8 },
    )
  })

  it('gives a row as often as it is asked for, and the bytes of its record', async () => {
    const chunks = [EVENTS.slice(0, 200), EVENTS.slice(200, 500)]
    const texts: string[] = []
    for await (const { rows, spans, bytes, count } of decodeAhead(chunksOf(chunks), PLAN, ALL)) {
      expect(plainRow(rows!.at(7), PLAN)).toEqual(plainRow(rows!.at(7), PLAN))
      for (let index = 0; index < count; index++)
        texts.push(Buffer.from(bytes.subarray(spans[index * 2], spans[index * 2 + 1])).toString())
    }

    expect(texts).toEqual(chunks.flat())
  })

  it('leaves chunks to the caller while the thread starts, and gives all in order', async () => {
    const records = (number: number) => EVENTS.slice(number % 500, (number % 500) + 60)
    const decoder = createRowDecoder(PLAN)
    let decodedChunks = 0
    async function* untilDecoded(): AsyncGenerator<RawChunk> {
      for (let number = 0; decodedChunks < 20; number++) {
        for await (const chunk of chunksOf([records(number)]))
          yield { ...chunk, position: { number } }
        // As reading a file does: messages come in between.
        await new Promise((resolve) => setImmediate(resolve))
      }
    }

    const kinds = new Set<boolean>()
    let number = 0
    for await (const { rows, bytes, spans, count, position } of decodeAhead(untilDecoded(), PLAN, {
      afterBytes: 0,
    })) {
      const rowOf = (index: number) =>
        rows?.at(index) ?? decoder.decode(bytes, spans[index * 2], spans[index * 2 + 1])
      expect(Array.from({ length: count }, (_, index) => plainRow(rowOf(index), PLAN))).toEqual(
        plain([records(number)])[0],
      )
      expect(position).toEqual({ number: number++ })
      kinds.add(rows !== undefined)
      if (rows !== undefined) decodedChunks++
    }

    expect(kinds).toEqual(new Set([false, true]))
  })

  it('leaves what a thread is not worth to the caller', async () => {
    const chunks = Array.from({ length: 8 }, () => EVENTS.slice(0, 100))
    const total = Buffer.byteLength(chunks.flat().join('')) / 2

    const hasRows = []
    for await (const { rows } of decodeAhead(chunksOf(chunks), PLAN, { ...ALL, afterBytes: total }))
      hasRows.push(rows !== undefined)

    expect(hasRows[0]).toBe(false)
    expect(hasRows.at(-1)).toBe(true)
    expect(hasRows).toEqual(hasRows.toSorted((left, right) => Number(left) - Number(right)))
  })

  it('says so when the thread ends', async () => {
    const broken = {
      ...PLAN,
      identities: [{ externalId: { from: 'traits', path: null }, alias: null }],
    } as unknown as DecodePlan
    expect(() => createRowDecoder(broken)).toThrow(TypeError)

    const reading = (async () => {
      for await (const _ of decodeAhead(chunksOf([EVENTS]), broken, ALL))
        throw new Error('not reached')
    })()

    await expect(reading).rejects.toMatchObject({ code: 'INTERNAL' })
  })

  it('ends its thread when the caller leaves early', async () => {
    const source = new URL('../../../src/decode/ahead/decode-ahead.ts', import.meta.url).href
    const program = `
      const { decodeAhead } = await import(${JSON.stringify(source)})
      const bytes = Buffer.from('{"type":"identify"}')
      async function* endless() {
        for (;;) yield { bytes, spans: Int32Array.of(0, bytes.length), count: 1, position: null, origin: { name: 'x', firstRecord: 1 }, rejected: [] }
      }
      for await (const { rows } of decodeAhead(endless(), ${JSON.stringify(PLAN)}, ${JSON.stringify(ALL)})) {
        console.log(rows.at(0).status)
        break
      }`

    const node = [
      '--conditions=engage-sync-source',
      '--no-warnings',
      '--input-type=module',
      '--eval',
      program,
    ]
    const { stdout } = await promisify(execFile)(process.execPath, node, {
      cwd: import.meta.dirname,
      timeout: 20_000,
    })

    expect(stdout.trim()).toBe('skipped')
  })
})
