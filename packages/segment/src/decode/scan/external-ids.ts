import type { CallScan } from './call-scan.ts'
import {
  BACKSLASH,
  bytesOf,
  CLOSE_BRACKET,
  COMMA,
  JsonScanner,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  standsAt,
} from './json-scanner.ts'
import { findMember, FOUND, NO_VALUE, UNCLEAR } from './value-path.ts'
import type { Place } from './value-path.ts'

/** A member of an entry, and the text it must be. */
interface Expected {
  readonly name: Uint8Array
  readonly text: Uint8Array
  readonly mayBeAbsent: boolean
}

const ID = bytesOf('id')
const OF_USERS: Expected = {
  name: bytesOf('collection'),
  text: bytesOf('users'),
  mayBeAbsent: true,
}
const IN_CLEAR_TEXT: Expected = {
  name: bytesOf('encoding'),
  text: bytesOf('none'),
  mayBeAbsent: true,
}
const NULL = 0x6e
/** Types that may also stand elsewhere in `context`, where only the exact decoder looks. */
const ELSEWHERE = /^(?:ios|android)\.|^ga_client_id$|^cross_domain_id$/u

/** Finds the id of one type in `context.externalIds`. */
export class ExternalIdFinder {
  readonly #type: Expected
  readonly #mayBeElsewhere: boolean
  readonly #scanner = new JsonScanner()
  readonly #place: Place = { start: 0, end: 0 }

  constructor(type: string) {
    this.#type = { name: bytesOf('type'), text: bytesOf(type), mayBeAbsent: false }
    this.#mayBeElsewhere = ELSEWHERE.test(type)
  }

  /** Fills where the id stands, or -1; false when the exact decoder must look. */
  find(scan: CallScan, into: { start: number; end: number }): boolean {
    into.start = -1
    const { bytes, externalIds } = scan
    if (externalIds.start < 0 || bytes[externalIds.start] !== OPEN_BRACKET)
      return !this.#mayBeElsewhere
    const scanner = this.#scanner
    scanner.bytes = bytes
    let at = scanner.space(externalIds.start + 1)
    while (bytes[at] !== CLOSE_BRACKET) {
      const end = scanner.value(at)
      const found = bytes[at] === OPEN_BRACE ? this.#readEntry(bytes, at, into) : NO_VALUE
      if (found === UNCLEAR || end < 0) return false
      if (found === FOUND) return true
      at = scanner.space(end)
      if (bytes[at] === COMMA) at = scanner.space(at + 1)
    }
    return !this.#mayBeElsewhere
  }

  /** One entry: of users, in clear text, of our type. Anything not plain is unclear. */
  #readEntry(bytes: Uint8Array, entry: number, into: { start: number; end: number }): number {
    const hasType = this.#textIs(bytes, entry, this.#type)
    if (hasType !== FOUND) return hasType
    const isUser = this.#textIs(bytes, entry, OF_USERS)
    if (isUser !== FOUND) return isUser
    const isPlain = this.#textIs(bytes, entry, IN_CLEAR_TEXT)
    if (isPlain !== FOUND) return isPlain
    const found = this.#textOf(bytes, entry, ID)
    if (found !== FOUND) return found
    into.start = this.#place.start + 1
    into.end = this.#place.end - 1
    return into.start === into.end ? NO_VALUE : FOUND
  }

  /** Whether a member is this text; an absent or null one counts when it may be. */
  #textIs(bytes: Uint8Array, entry: number, { name, text, mayBeAbsent }: Expected): number {
    const place = this.#place
    place.start = entry
    const found = findMember(bytes, name, place)
    if (found === UNCLEAR) return UNCLEAR
    if (found === NO_VALUE || bytes[place.start] === NULL) return mayBeAbsent ? FOUND : NO_VALUE
    if (hasEscape(bytes, place)) return UNCLEAR
    const isSame =
      bytes[place.start] === QUOTE &&
      place.end - place.start - 2 === text.length &&
      standsAt(bytes, place.start + 1, text)
    return isSame ? FOUND : NO_VALUE
  }

  #textOf(bytes: Uint8Array, entry: number, name: Uint8Array): number {
    const place = this.#place
    place.start = entry
    const found = findMember(bytes, name, place)
    if (found !== FOUND) return found
    if (hasEscape(bytes, place)) return UNCLEAR
    if (bytes[place.start] === QUOTE) return FOUND
    // A number is an id, too, whose digits the exact decoder keeps.
    return bytes[place.start] === NULL ? NO_VALUE : UNCLEAR
  }
}

function hasEscape(bytes: Uint8Array, { start, end }: Place): boolean {
  for (let at = start; at < end; at++) {
    if (bytes[at] === BACKSLASH) return true
  }
  return false
}
