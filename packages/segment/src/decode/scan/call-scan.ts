import { isUtf8 } from 'node:buffer'
import {
  bytesOf,
  CLOSED,
  JsonScanner,
  OPEN_BRACE,
  QUOTE,
  standsAt,
  UNUSUAL,
} from './json-scanner.ts'
import { MemberList } from './member-list.ts'

const TRAITS = bytesOf('traits')
const PERSONAS = bytesOf('personas')
const EXTERNAL_IDS = bytesOf('externalIds')
const CHANNEL = bytesOf('channel')
const SPACE_ID = bytesOf('space_id')
const COMPUTATION_KEY = bytesOf('computation_key')
const COMPUTATION_CLASS = bytesOf('computation_class')

const LETTER_N = 0x6e

/** One bit each, so that a member that comes twice is seen: of two, `JSON.parse` keeps the last. */
const SEEN = {
  type: 1,
  userId: 2,
  anonymousId: 4,
  timestamp: 8,
  originalTimestamp: 16,
  receivedAt: 32,
  context: 64,
  body: 128,
  personas: 256,
  contextTraits: 512,
  externalIds: 1024,
  key: 2048,
  class: 4096,
  channel: 8192,
  contextChannel: 16384,
  space: 32768,
} as const

/**
 * Members of a call that are looked at: texts, and those that are walked into. A batch is no call.
 */
const TOP_NAMES = [
  'type',
  'userId',
  'anonymousId',
  'timestamp',
  'originalTimestamp',
  'receivedAt',
  'context',
  'traits',
  'properties',
  'channel',
  'batch',
] as const
type TopMember = (typeof TOP_NAMES)[number]

interface Named {
  readonly name: TopMember
  readonly bytes: Uint8Array
}

/** By the length of the name. */
const TOP_MEMBERS: Named[][] = []
for (const name of TOP_NAMES) (TOP_MEMBERS[name.length] ??= []).push({ name, bytes: bytesOf(name) })

/** Where one text stands, without its quotes; `start` is -1 when it is absent. */
export class Span {
  start = -1
  end = -1
  /** It is there, but neither a text nor null. */
  isOther = false
}

/**
 * Walks once over a call and notes where everything stands that a row can be made of.
 *
 * Shape: `scan` is false for whatever is not plain: no JSON, a member twice, escapes in a key or an
 * identifier, a wrapper. The whole text is checked; nothing is built.
 */
export class CallScan {
  readonly type = new Span()
  readonly userId = new Span()
  readonly anonymousId = new Span()
  readonly timestamp = new Span()
  readonly originalTimestamp = new Span()
  readonly receivedAt = new Span()
  readonly key = new Span()
  readonly class = new Span()
  readonly channel = new Span()
  readonly contextChannel = new Span()
  readonly space = new Span()
  readonly body = new MemberList()
  readonly contextTraits = new MemberList()
  readonly externalIds = new Span()
  hasPersonas = false
  /** The body is called `properties`, as in a track call. */
  isProperties = false
  hasBody = false
  bytes: Uint8Array = new Uint8Array(0)
  readonly #scanner = new JsonScanner()
  /** The texts that differ from call to call. */
  readonly texts: readonly Span[] = [
    this.userId,
    this.anonymousId,
    this.timestamp,
    this.originalTimestamp,
    this.receivedAt,
  ]
  /** What says what kind of call it is: the same for all calls of a shape. */
  readonly #words: readonly Span[] = [
    this.type,
    this.key,
    this.class,
    this.channel,
    this.contextChannel,
    this.space,
  ]
  #seen = 0

  scan(bytes: Uint8Array, start: number, end: number): boolean {
    this.#start(bytes)
    const scanner = this.#scanner
    let at = bytes[start] === OPEN_BRACE ? scanner.open(start) : UNUSUAL
    while (at >= 0) {
      const value = scanner.key(at)
      if (value < 0) return false
      const next = this.#topMember(value)
      if (next < 0) return false
      at = scanner.afterValue(next)
    }
    if (at !== CLOSED || (scanner.closedAt !== end && scanner.space(scanner.closedAt) !== end))
      return false
    return !scanner.nonAscii || isUtf8(bytes.subarray(start, end))
  }

  /** Forgets the last call. */
  clear(bytes: Uint8Array): void {
    this.bytes = bytes
    this.hasPersonas = false
    this.hasBody = false
    this.isProperties = false
    this.body.count = 0
    this.contextTraits.count = 0
    this.externalIds.start = -1
    for (let index = 0; index < this.texts.length; index++) {
      this.texts[index].start = -1
      this.texts[index].isOther = false
    }
  }

  #start(bytes: Uint8Array): void {
    this.clear(bytes)
    this.#scanner.bytes = bytes
    this.#scanner.nonAscii = false
    this.#scanner.escaped = false
    this.#seen = 0
    for (const word of this.#words) {
      word.start = -1
      word.isOther = false
    }
  }

  /** From a member's value to behind it. Lengths tell nearly all members apart. */
  #topMember(value: number): number {
    const scanner = this.#scanner
    const named = TOP_MEMBERS[scanner.keyEnd - scanner.keyStart]
    if (named === undefined) return scanner.value(value)
    for (let index = 0; index < named.length; index++) {
      if (this.#isKey(named[index].bytes)) return this.#read(named[index].name, value)
    }
    return scanner.value(value)
  }

  #read(name: TopMember, value: number): number {
    switch (name) {
      case 'batch':
        return UNUSUAL
      case 'context':
        return this.#context(value)
      case 'traits':
      case 'properties':
        return this.#bodyMembers(value, name === 'properties')
      default:
        return this.#text(value, this[name], SEEN[name])
    }
  }

  #context(from: number): number {
    if (this.#isSecond(SEEN.context)) return UNUSUAL
    const scanner = this.#scanner
    let at = scanner.open(from)
    while (at >= 0) {
      const value = scanner.key(at)
      if (value < 0) return UNUSUAL
      const next = this.#contextMember(value)
      if (next < 0) return UNUSUAL
      at = scanner.afterValue(next)
    }
    return at === CLOSED ? scanner.closedAt : UNUSUAL
  }

  #contextMember(value: number): number {
    const scanner = this.#scanner
    const length = scanner.keyEnd - scanner.keyStart
    if (length === 8 && this.#isKey(PERSONAS)) return this.#personas(value)
    if (length === 7 && this.#isKey(CHANNEL))
      return this.#text(value, this.contextChannel, SEEN.contextChannel)
    if (length === 6 && this.#isKey(TRAITS))
      return this.#isSecond(SEEN.contextTraits) ? UNUSUAL : this.contextTraits.fill(scanner, value)
    if (length !== 11 || !this.#isKey(EXTERNAL_IDS)) return scanner.value(value)
    if (this.#isSecond(SEEN.externalIds)) return UNUSUAL
    this.externalIds.start = value
    this.externalIds.end = scanner.value(value)
    return this.externalIds.end
  }

  #personas(from: number): number {
    if (this.#isSecond(SEEN.personas)) return UNUSUAL
    this.hasPersonas = true
    const scanner = this.#scanner
    let at = scanner.open(from)
    while (at >= 0) {
      const value = scanner.key(at)
      if (value < 0) return UNUSUAL
      const next = this.#personasMember(value)
      if (next < 0) return UNUSUAL
      at = scanner.afterValue(next)
    }
    return at === CLOSED ? scanner.closedAt : UNUSUAL
  }

  #personasMember(value: number): number {
    const length = this.#scanner.keyEnd - this.#scanner.keyStart
    if (length === 15 && this.#isKey(COMPUTATION_KEY)) return this.#text(value, this.key, SEEN.key)
    if (length === 8 && this.#isKey(SPACE_ID)) return this.#text(value, this.space, SEEN.space)
    if (length === 17 && this.#isKey(COMPUTATION_CLASS))
      return this.#text(value, this.class, SEEN.class)
    return this.#scanner.value(value)
  }

  #bodyMembers(value: number, isProperties: boolean): number {
    if (this.#isSecond(SEEN.body)) return UNUSUAL
    this.hasBody = true
    this.isProperties = isProperties
    return this.body.fill(this.#scanner, value)
  }

  #text(value: number, span: Span, bit: number): number {
    if (this.#isSecond(bit)) return UNUSUAL
    const scanner = this.#scanner
    if (this.bytes[value] !== QUOTE) {
      span.isOther = this.bytes[value] !== LETTER_N
      return scanner.value(value)
    }
    scanner.escaped = false
    const end = scanner.string(value + 1)
    if (end < 0 || scanner.escaped) return UNUSUAL
    span.start = value + 1
    span.end = end - 1
    return end
  }

  #isKey(word: Uint8Array): boolean {
    return standsAt(this.bytes, this.#scanner.keyStart, word)
  }

  #isSecond(bit: number): boolean {
    const isSecond = (this.#seen & bit) !== 0
    this.#seen |= bit
    return isSecond
  }
}
