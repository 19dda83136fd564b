import { setTimeout as sleep } from 'node:timers/promises'
import type { SourcePosition } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { endOf, follow, lines, numbers, open, readAll, writersOf } from './contract-log.ts'
import type { MakeLog } from './contract-log.ts'
import { recordsOf, sourceContract } from './source-contract.ts'
import { streamContract } from './stream-contract.ts'
import { startTcpProxy } from './tcp-proxy.ts'

export type { ContractLog, MakeLog } from './contract-log.ts'

const forever = new AbortController().signal

/** The tests every `EventLog` passes: those of sources and of streams, and what it says of itself. */
export function eventLogContract(name: string, makeLog: MakeLog): void {
  const made = async (records: readonly string[]) => {
    await using stack = new AsyncDisposableStack()
    const log = await makeLog()
    stack.defer(() => log.close())
    const events = await log.open()
    stack.defer(() => events.close())
    for (const record of records) await events.append(Buffer.from(record))
    const rest = stack.move()
    return {
      source: events,
      ...(log.hint !== undefined && { hint: log.hint }),
      append: (record: string) => events.append(Buffer.from(record)),
      close: () => rest.disposeAsync(),
    }
  }
  sourceContract(name, made)
  streamContract(name, made)
  describe(`${name} keeps the contract of logs`, () => {
    appendTests(makeLog)
    followTests(makeLog)
    orderTests(makeLog)
    lagTests(makeLog)
    eraseTests(makeLog)
    networkTests(makeLog)
  })
}

function appendTests(makeLog: MakeLog): void {
  it('gives each line as a record, with or without its end', async () => {
    await using log = await open(makeLog)
    await log.events.append(lines(1, 3))
    await log.events.append(lines(4, 5).subarray(0, -1))
    await log.events.append(lines(6, 6))

    expect(await readAll(log.events)).toEqual(numbers(1, 6))
  })

  it('gives once what was appended at the same time', async () => {
    await using log = await open(makeLog)

    await Promise.all(numbers(1, 200).map((text) => log.events.append(Buffer.from(text))))

    expect((await readAll(log.events)).toSorted()).toEqual(numbers(1, 200).toSorted())
  })

  it('has what was appended for whoever opens it, also when nobody closed it', async () => {
    await using log = await open(makeLog)
    await log.events.append(lines(1, 3))

    const other = await log.another()

    expect(await readAll(other)).toEqual(numbers(1, 3))
  })

  it('takes a megabyte at once, and gives it in order from every position', async () => {
    await using log = await open(makeLog)
    const long = numbers(1, 2000).map((text) => `{"n":${text},"text":"${'x'.repeat(500)}"}`)
    await log.events.append(Buffer.from(long.join('\n')))

    const chunks: { seen: number; position: SourcePosition }[] = []
    let seen = 0
    for await (const chunk of log.events.read(null, forever)) {
      expect(recordsOf(chunk)).toEqual(long.slice(seen, seen + chunk.count))
      seen += chunk.count
      chunks.push({ seen, position: JSON.parse(JSON.stringify(chunk.position)) })
    }

    expect(seen).toBe(long.length)
    const { seen: half, position } = chunks[Math.floor(chunks.length / 2)]!
    expect(await readAll(log.events, position)).toEqual(long.slice(half))
  })
}

function followTests(makeLog: MakeLog): void {
  it('gives a follower everything once, whoever appends, and passes nothing that comes later', async () => {
    await using log = await open(makeLog)
    const writers = await writersOf(log)
    const stop = new AbortController()
    const following = follow(log.events, 60 * writers.length, stop)

    await Promise.all(
      writers.map(async (writer, at) => {
        for (let number = 0; number < 20; number++)
          await Promise.all(
            [0, 1, 2].map((part) =>
              writer.append(Buffer.from(`{"at":${at},"number":${number},"part":${part}}\n`)),
            ),
          )
      }),
    )
    const given = await following

    expect(new Set(given).size).toBe(60 * writers.length)
    for (const at of writers.keys()) {
      const rounds = given
        .map((text) => JSON.parse(text) as { readonly at: number; readonly number: number })
        .filter((record) => record.at === at)
        .map(({ number }) => number)
      expect(rounds).toEqual(rounds.toSorted((one, other) => one - other))
    }
  })
}

function orderTests(makeLog: MakeLog): void {
  it('gives in order what several appended one after another, from every position', async () => {
    await using log = await open(makeLog)
    const writers = await writersOf(log)
    const texts = numbers(1, 60)
    for (const [at, text] of texts.entries()) {
      // Each goes on for longer than what a reader takes of it at once.
      await writers[Math.floor(at / 20) % writers.length]?.append(Buffer.from(text))
      // Clocks of brokers and of producers count in milliseconds.
      if (at % 20 === 19) await sleep(2)
    }

    let seen = 0
    for await (const chunk of log.events.read(null, forever)) {
      expect(recordsOf(chunk)).toEqual(texts.slice(seen, seen + chunk.count))
      seen += chunk.count
      expect(await readAll(log.events, chunk.position)).toEqual(texts.slice(seen))
    }
    expect(seen).toBe(texts.length)
  })
}

function lagTests(makeLog: MakeLog): void {
  it('says what stands behind a position, and nothing stands behind the end', async () => {
    await using log = await open(makeLog)
    expect(await log.events.lag(null)).toEqual({ records: 0, bytes: 0, oldestMs: 0 })
    await log.events.append(lines(1, 3))
    const position = await endOf(log.events)

    const whole = await log.events.lag(null)
    expect(whole.bytes).toBeGreaterThanOrEqual(lines(1, 3).length)
    expect([null, 3]).toContain(whole.records)
    expect(whole.oldestMs).toBeGreaterThanOrEqual(0)
    expect(await log.events.lag(position)).toEqual({ records: 0, bytes: 0, oldestMs: 0 })

    await log.events.append(lines(4, 4))
    expect((await log.events.lag(position)).bytes).toBeGreaterThanOrEqual(lines(4, 4).length)
  })

  it('knows the earliest of positions over what several wrote, where several may read it', async () => {
    await using log = await open(makeLog)
    const writers = await writersOf(log)
    const rounds: SourcePosition[] = []
    for (let round = 0; round < 3; round++) {
      for (const [at, writer] of writers.entries())
        await writer.append(Buffer.from(JSON.stringify({ round, at })))
      rounds.push(await endOf(log.events))
    }
    const { earliest } = log.events
    expect(earliest !== undefined).toBe(log.isShared)
    if (earliest === undefined) return

    const [first, second, third] = rounds as [SourcePosition, SourcePosition, SourcePosition]
    const rest = async (position: SourcePosition) =>
      (await readAll(log.events, position)).toSorted()
    expect(await rest(earliest([third, first, second]))).toEqual(await rest(first))
    expect(await rest(earliest([second]))).toEqual(await rest(second))
  })

  it('says how a position stands to what it holds, where it removes things', async () => {
    await using log = await open(makeLog)
    await log.events.append(lines(1, 3))
    const position = await endOf(log.events)
    const standing = (at: SourcePosition | null) => log.events.standing?.(at, forever)

    expect((await standing(position)) ?? NOTHING_WAITS).toEqual(NOTHING_WAITS)
    await log.events.append(lines(4, 4))
    const after = await standing(position)
    if (after === undefined) return
    expect(after).toMatchObject({ gone: null, messages: 1 })
    expect((await standing(null))?.messages).toBeGreaterThan(after.messages)
  })

  it('keeps on trimming what the position has not passed', async () => {
    await using log = await open(makeLog)
    await log.events.append(lines(1, 3))
    const position = await endOf(log.events)
    await log.events.append(lines(4, 6))

    await log.events.trim(position)
    await log.events.append(lines(7, 7))

    expect(await readAll(log.events, position)).toEqual(numbers(4, 7))
    expect((await readAll(log.events)).slice(-4)).toEqual(numbers(4, 7))
  })
}

const NOTHING_WAITS = { gone: null, messages: 0, oldestMs: 0, limits: [] }

function eraseTests(makeLog: MakeLog): void {
  it('gives no more what was erased, and everything else from every position, where it can erase', async () => {
    await using log = await open(makeLog)
    const { erase } = log.events
    const texts = ['ada', 'bob', 'Ada', 'adam', 'ada'].map((userId, n) =>
      JSON.stringify({ userId, n }),
    )
    for (const text of texts.slice(0, 3)) await log.events.append(Buffer.from(text))
    const position = await endOf(log.events)
    for (const text of texts.slice(3)) await log.events.append(Buffer.from(text))
    if (erase === undefined) return

    expect(await erase(['ada'], null)).toEqual({ erased: 3, left: 0 })
    await log.events.append(lines(7, 7))

    expect(await readAll(log.events)).toEqual([texts[1], texts[3], '7'])
    expect((await readAll(log.events, position)).slice(-2)).toEqual([texts[3], '7'])
    expect(await erase(['ada'], null)).toEqual({ erased: 0, left: 0 })
  })

  it('erases what was appended together with others, at the latest once all was worked on', async () => {
    await using log = await open(makeLog)
    const { erase } = log.events
    const texts = ['ada', 'bob', 'ada'].map((userId, n) => JSON.stringify({ userId, n }))
    await log.events.append(Buffer.from(texts.join('\n')))
    if (erase === undefined) return

    const first = await erase(['ada'], null)
    expect(first).not.toBeNull()
    expect((first?.erased ?? 0) + (first?.left ?? 0)).toBe(2)
    expect(await readAll(log.events)).toEqual(first?.left === 0 ? [texts[1]] : texts)
    const end = await endOf(log.events)
    expect(await erase(['ada'], end)).toEqual({ erased: first?.left, left: 0 })

    expect(await readAll(log.events)).toEqual([texts[1]])
    await log.events.append(lines(7, 7))
    expect((await readAll(log.events, end)).slice(-1)).toEqual(['7'])
  })
}

function networkTests(makeLog: MakeLog): void {
  it('loses nothing it acknowledged, and gives nothing twice, over a way that is slow, cut, silent and shut', async () => {
    const log = await makeLog()
    await using stack = new AsyncDisposableStack()
    stack.defer(() => log.close())
    if (log.network === undefined) return
    const proxy = await startTcpProxy(log.network.port)
    stack.defer(() => proxy.close())
    const events = await log.network.open(proxy.port)
    stack.defer(() => events.close())
    const stop = new AbortController()
    const given: string[] = []
    const following = (async () => {
      for await (const chunk of events.follow(null, stop.signal)) given.push(...recordsOf(chunk))
    })()

    const acknowledged: string[] = []
    let next = 0
    const appendSome = async () => {
      const texts = numbers(next + 1, next + 10)
      next += texts.length
      const append = (text: string) =>
        events.append(Buffer.from(text)).then(
          () => void acknowledged.push(text),
          () => undefined,
        )
      await Promise.all(texts.map(append))
    }
    const disturbed = async (disturb: () => void, ms: number) => {
      await appendSome()
      disturb()
      const appending = appendSome()
      await new Promise((resolve) => setTimeout(resolve, ms))
      proxy.delay(0)
      proxy.turn('open')
      await appending
    }
    await disturbed(() => proxy.delay(20), 100)
    await disturbed(() => proxy.cut(), 0)
    await disturbed(() => proxy.turn('silent'), 300)
    await disturbed(() => proxy.turn('refuse'), 300)
    while (!acknowledged.includes(String(next))) await appendSome()
    while (!acknowledged.every((text) => given.includes(text)))
      await new Promise((resolve) => setTimeout(resolve, 50))
    stop.abort()
    await following

    expect(new Set(given).size).toBe(given.length)
    expect(acknowledged.length).toBeGreaterThanOrEqual(40)
  })
}
