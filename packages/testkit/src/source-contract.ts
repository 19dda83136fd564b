import type { RawChunk, Source, SourcePosition } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'

/** A source for a contract test, over exactly these records. */
export interface ContractSource {
  readonly source: Source
  /**
   * How many resources (files, connections) the source holds open now; checked after early stop and
   * abort.
   */
  readonly openHandles?: () => number
  /** What a look hints at, though all is well. Default: nothing. */
  readonly hint?: RegExp
  readonly close?: () => Promise<void>
}

/** Makes a source whose records are these JSON texts, in this order. */
export type MakeSource = (records: readonly string[]) => Promise<ContractSource>

/** One record that was read, and where reading would go on after its chunk. */
interface ReadChunk {
  readonly records: readonly string[]
  readonly position: SourcePosition
  readonly isComplete: boolean
}

const RECORDS = Array.from({ length: 25 }, (_, index) =>
  JSON.stringify({ type: 'track', number: index, text: `Zürich ${index}` }),
)
const decoder = new TextDecoder()

/**
 * The tests every `Source` passes. Sources that cut no small chunks pass them too: then fewer
 * positions are tried.
 */
export function sourceContract(name: string, makeSource: MakeSource): void {
  describe(`${name} keeps the source contract`, () => {
    it('gives all records in order, the same each time', async () => {
      await using made = await make(makeSource, RECORDS)

      expect((await readAll(made.source)).flatMap(({ records }) => records)).toEqual(RECORDS)
      expect((await readAll(made.source)).flatMap(({ records }) => records)).toEqual(RECORDS)
    })

    positionTests(makeSource)
    completeTests(makeSource)
    checkTests(makeSource)

    it('gives one record', async () => {
      await using made = await make(makeSource, RECORDS.slice(0, 1))

      expect((await readAll(made.source)).flatMap(({ records }) => records)).toEqual(
        RECORDS.slice(0, 1),
      )
    })

    it('gives nothing when it is empty', async () => {
      await using made = await make(makeSource, [])

      expect((await readAll(made.source)).flatMap(({ records }) => records)).toEqual([])
    })

    it('closes when reading stops early', async () => {
      await using made = await make(makeSource, RECORDS)

      for await (const chunk of made.source.read(null, AbortSignal.timeout(60_000))) {
        expect(chunk.count).toBeGreaterThanOrEqual(0)
        break
      }

      expect(made.openHandles?.() ?? 0).toBe(0)
    })

    it('ends with the reason of an abort', async () => {
      await using made = await make(makeSource, RECORDS)
      const aborted = new AbortController()
      const reason = new Error('stopped by the test')
      const reading = made.source.read(null, aborted.signal)[Symbol.asyncIterator]()
      await reading.next()
      aborted.abort(reason)

      await expect(drain(reading)).rejects.toBe(reason)
      expect(made.openHandles?.() ?? 0).toBe(0)
    })

    it('gives nothing when it is aborted before it starts', async () => {
      await using made = await make(makeSource, RECORDS)
      const reason = new Error('stopped by the test')

      await expect(
        drain(made.source.read(null, AbortSignal.abort(reason))[Symbol.asyncIterator]()),
      ).rejects.toBe(reason)
    })
  })
}

/** What stands before a position, and what behind it. */
function positionTests(makeSource: MakeSource): void {
  it('gives exactly the rest when resumed at any position', async () => {
    await using made = await make(makeSource, RECORDS)
    let seen = 0

    for (const { records, position } of await readAll(made.source)) {
      seen += records.length
      const rest = await readAll(
        made.source,
        JSON.parse(JSON.stringify(position)) as SourcePosition,
      )
      expect(rest.flatMap((chunk) => chunk.records)).toEqual(RECORDS.slice(seen))
    }
  })

  it('gives before any position what it does not give from there, where it can', async () => {
    await using made = await make(makeSource, RECORDS)
    let seen = 0

    for (const { records, position } of await readAll(made.source)) {
      seen += records.length
      const to = JSON.parse(JSON.stringify(position)) as SourcePosition
      const before =
        made.source.readBefore === undefined
          ? null
          : await collect(made.source.readBefore(to, AbortSignal.timeout(60_000)))
      expect((before ?? []).flatMap((chunk) => chunk.records)).toEqual(
        before === null ? [] : RECORDS.slice(0, seen),
      )
      for (const chunk of before ?? []) expect(chunk.position).toEqual(to)
    }
    expect(made.openHandles?.() ?? 0).toBe(0)
  })

  it('gives between any two positions what came between them, and nothing newer, where it can', async () => {
    await using made = await make(makeSource, RECORDS)
    const { source } = made
    const ends = [{ seen: 0, position: null as SourcePosition | null }]
    for (const { records, position } of await readAll(source)) {
      ends.push({
        seen: ends.at(-1)!.seen + records.length,
        position: JSON.parse(JSON.stringify(position)) as SourcePosition,
      })
    }

    for (const [index, from] of ends.entries()) {
      for (const to of ends.slice(Math.max(index, 1))) {
        if (source.readBetween === undefined || to.position === null) continue
        const between = await collect(
          source.readBetween(from.position, to.position, AbortSignal.timeout(60_000)),
        )
        expect(between.flatMap((chunk) => chunk.records)).toEqual(RECORDS.slice(from.seen, to.seen))
        for (const chunk of between) expect(chunk.position).toEqual(to.position)
      }
    }
    expect(made.openHandles?.() ?? 0).toBe(0)
  })

  it('gives nothing when resumed at the end', async () => {
    await using made = await make(makeSource, RECORDS)
    const end = (await readAll(made.source)).at(-1)!.position

    const rest = await readAll(made.source, end)

    expect(rest.flatMap(({ records }) => records)).toEqual([])
  })
}

/** Who says that everybody was read had everybody read. */
function completeTests(makeSource: MakeSource): void {
  it('is complete at its end alone, if ever, and never from a position on', async () => {
    await using made = await make(makeSource, RECORDS)

    const chunks = await readAll(made.source)

    expect(chunks.slice(0, -1).filter(({ isComplete }) => isComplete)).toEqual([])
    for (const { position } of chunks) {
      const rest = await readAll(
        made.source,
        JSON.parse(JSON.stringify(position)) as SourcePosition,
      )
      expect(rest.filter(({ isComplete }) => isComplete)).toEqual([])
    }
  })
}

/** Looking is not reading. */
function checkTests(makeSource: MakeSource): void {
  it('says that it can be read, and gives everything all the same, where it can say so', async () => {
    await using made = await make(makeSource, RECORDS)

    const condition = await made.source.check?.(new AbortController().signal)

    expect(condition?.message).not.toBe('')
    if (made.hint === undefined) expect(condition?.hint).toBeUndefined()
    else expect(condition?.hint).toMatch(made.hint)
    expect(made.openHandles?.() ?? 0).toBe(0)
    expect((await readAll(made.source)).flatMap(({ records }) => records)).toEqual(RECORDS)
  })

  it('does not look when it is aborted', async () => {
    await using made = await make(makeSource, RECORDS)
    const reason = new Error('stopped by the test')

    if (made.source.check !== undefined)
      await expect(made.source.check(AbortSignal.abort(reason))).rejects.toBe(reason)
  })
}

/** The records of a chunk as texts. */
export function recordsOf({ bytes, spans, count }: RawChunk): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    decoder.decode(bytes.subarray(spans[index * 2], spans[index * 2 + 1])),
  )
}

/** Reads a source to its end. */
function readAll(
  source: Source,
  from: SourcePosition | null = null,
): Promise<readonly ReadChunk[]> {
  return collect(source.read(from, new AbortController().signal))
}

/** Everything a source gives; the chunks are copied, since it may use their bytes again. */
async function collect(chunks: AsyncIterable<RawChunk>): Promise<readonly ReadChunk[]> {
  const all: ReadChunk[] = []
  for await (const chunk of chunks) {
    all.push({
      records: recordsOf(chunk),
      position: chunk.position,
      isComplete: chunk.complete !== undefined,
    })
  }
  return all
}

async function drain(reading: AsyncIterator<RawChunk>): Promise<void> {
  while ((await reading.next()).done !== true);
}

async function make(
  makeSource: MakeSource,
  records: readonly string[],
): Promise<ContractSource & AsyncDisposable> {
  const made = await makeSource(records)
  return { ...made, [Symbol.asyncDispose]: async () => made.close?.() }
}
