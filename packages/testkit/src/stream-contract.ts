import type { RawChunk, SourcePosition, StreamSource } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { recordsOf } from './source-contract.ts'

/** A source that goes on, for a contract test. */
export interface ContractStream {
  readonly source: StreamSource
  /** Lets one more record come, a JSON text; resolves once it is there. */
  append(record: string): Promise<void>
  readonly close?: () => Promise<void>
}

/** Makes a stream that holds these JSON texts, in this order. */
export type MakeStream = (records: readonly string[]) => Promise<ContractStream>

const RECORDS = Array.from({ length: 12 }, (_, number) =>
  JSON.stringify({ number, text: `Zürich ${number}` }),
)
const LATER = [JSON.stringify({ later: 1 }), JSON.stringify({ later: 2 })]

/**
 * The tests every `StreamSource` passes, beside those of `sourceContract`: following gives what
 * reading gives, and then what comes.
 */
export function streamContract(name: string, makeStream: MakeStream): void {
  describe(`${name} keeps the contract of streams`, () => {
    it('follows what was there, and what comes', async () => {
      const made = await makeStream(RECORDS)
      const following = follow(made.source, null)

      expect(await following.take(RECORDS.length)).toEqual(RECORDS)
      for (const record of LATER) {
        await made.append(record)
        expect(await following.take(1)).toEqual([record])
      }

      await following.stop()
      await made.close?.()
    })

    it('gives from any position what reading gives from there', async () => {
      const made = await makeStream(RECORDS)
      const following = follow(made.source, null)
      await following.take(RECORDS.length)
      await made.append(LATER[0] ?? '')
      await following.take(1)

      for (const { position, seen } of following.positions) {
        const rest = [...RECORDS, LATER[0]].slice(seen)
        expect(await readAll(made.source, position)).toEqual(rest)
        const again = follow(made.source, position)
        expect(await again.take(rest.length)).toEqual(rest)
        await again.stop()
      }

      await following.stop()
      await made.close?.()
    })

    it('knows the earliest of its positions, where several may read it', async () => {
      const made = await makeStream(RECORDS)
      const { source } = made
      const following = follow(source, null)
      await following.take(RECORDS.length)
      await made.append(LATER[0] ?? '')
      await following.take(1)
      await following.stop()

      const seen = following.positions
      for (const one of source.earliest === undefined ? [] : seen)
        for (const other of seen) {
          const earliest = source.earliest?.([one.position, other.position]) ?? null
          const rest = [...RECORDS, LATER[0]].slice(Math.min(one.seen, other.seen))
          expect(await readAll(source, earliest)).toEqual(rest)
        }
      await made.close?.()
    })

    it('ends quietly when it is told to, whatever it does', async () => {
      const made = await makeStream(RECORDS)
      const waiting = follow(made.source, null)
      await waiting.take(RECORDS.length)
      await waiting.stop()

      const never = made.source.follow(null, AbortSignal.abort(new Error('stopped by the test')))
      for await (const { count } of never) expect(count).toBe(0)
      await made.close?.()
    })
  })
}

/** Follows a source, as many records at a time as a test asks for. */
function follow(source: StreamSource, from: SourcePosition | null) {
  const stop = new AbortController()
  const chunks = source.follow(from, stop.signal)[Symbol.asyncIterator]()
  const positions: { readonly position: SourcePosition; readonly seen: number }[] = []
  let seen = 0
  return {
    positions,
    async take(count: number): Promise<readonly string[]> {
      const records: string[] = []
      while (records.length < count) {
        const next = await chunks.next()
        if (next.done === true) throw new Error('The stream ended by itself.')
        records.push(...recordsOf(next.value))
        seen += next.value.count
        positions.push({ position: plain(next.value), seen })
      }
      return records
    },
    async stop(): Promise<void> {
      stop.abort(new Error('stopped by the test'))
      expect((await chunks.next()).done).toBe(true)
    },
  }
}

function plain({ position }: RawChunk): SourcePosition {
  return JSON.parse(JSON.stringify(position)) as SourcePosition
}

async function readAll(source: StreamSource, from: SourcePosition): Promise<readonly string[]> {
  const records: string[] = []
  for await (const chunk of source.read(from, new AbortController().signal))
    records.push(...recordsOf(chunk))
  return records
}
