/** What `afterValue` and `open` give at the end of an object; `closedAt` says where it was. */
export const CLOSED = -2
/**
 * What every method gives when the text is no JSON, or deeper than we follow: the exact decoder
 * decides.
 */
export const UNUSUAL = -1

/** Levels of nesting we follow; the exact decoder's own limit is higher. */
const MAX_DEPTH = 48

export const QUOTE = 0x22
export const BACKSLASH = 0x5c
export const OPEN_BRACE = 0x7b
export const CLOSE_BRACE = 0x7d
export const OPEN_BRACKET = 0x5b
export const CLOSE_BRACKET = 0x5d
export const COMMA = 0x2c
const COLON = 0x3a
const SPACE = 0x20
const MINUS = 0x2d
const PLUS = 0x2b
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39

/**
 * 1 for every byte that ends a run of plain characters inside a string: quote, backslash, control,
 * beyond ASCII.
 */
const SPECIAL = new Uint8Array(256)
for (let byte = 0; byte < 256; byte++)
  SPECIAL[byte] = byte < SPACE || byte >= 0x80 || byte === QUOTE || byte === BACKSLASH ? 1 : 0

/** 1 for every character that may follow a backslash, 2 for `u`. */
const ESCAPES = new Uint8Array(256)
for (const letter of '"\\/bfnrt') ESCAPES[letter.charCodeAt(0)] = 1
ESCAPES[0x75] = 2

const TRUE = bytesOf('true')
const FALSE = bytesOf('false')
const NULL = bytesOf('null')

/** ASCII text as bytes. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Whether a word stands at a place. */
export function standsAt(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let index = 0; index < word.length; index++) {
    if (bytes[at + index] !== word[index]) return false
  }
  return true
}

/**
 * Walks over JSON in bytes as strictly as `JSON.parse`, without building anything.
 *
 * Shape: every method takes where something starts and gives where it ends, or `UNUSUAL`. None
 * looks at the end of the record: what runs past it ends past it, and the caller compares. Whether
 * bytes beyond ASCII are UTF-8 is the caller's to check too, once for the whole record.
 */
export class JsonScanner {
  bytes: Uint8Array = new Uint8Array(0)
  /** Set when a string held a byte beyond ASCII; never cleared here. */
  nonAscii = false
  /** Set when a string held an escape; never cleared here. */
  escaped = false
  /** After `CLOSED`: where the object ended. */
  closedAt = 0
  /** After `key`: the key's bytes, without quotes. */
  keyStart = 0
  keyEnd = 0

  /** From the first byte inside a string to behind its closing quote. */
  string(from: number): number {
    const bytes = this.bytes
    let at = from
    for (;;) {
      while (SPECIAL[bytes[at]] === 0) at++
      const byte = bytes[at]
      if (byte === QUOTE) return at + 1
      if (byte >= 0x80) {
        this.nonAscii = true
        at++
      } else if (byte === BACKSLASH) {
        this.escaped = true
        at = this.#escape(at + 1)
        if (at < 0) return UNUSUAL
      } else return UNUSUAL
    }
  }

  /** From the first byte of any value (or the white space before it) to behind it. */
  value(from: number, depth = 0): number {
    let at = from
    let byte = this.bytes[at]
    if (byte <= SPACE) {
      at = this.space(at)
      byte = this.bytes[at]
    }
    if (byte === QUOTE) return this.string(at + 1)
    if (byte === OPEN_BRACE) return this.#object(at, depth)
    if (byte === OPEN_BRACKET) return this.#array(at + 1, depth)
    return this.#word(at, byte)
  }

  /** Into an object: to its first key, or `CLOSED`. */
  open(at: number): number {
    if (this.bytes[at] !== OPEN_BRACE) return UNUSUAL
    const first = this.space(at + 1)
    if (this.bytes[first] !== CLOSE_BRACE) return first
    this.closedAt = first + 1
    return CLOSED
  }

  /** From a key to the first byte of its value. Keys with escapes are unusual. */
  key(at: number): number {
    const bytes = this.bytes
    if (bytes[at] !== QUOTE) return UNUSUAL
    const escaped = this.escaped
    this.escaped = false
    let end = this.string(at + 1)
    if (end < 0 || this.escaped) return UNUSUAL
    this.escaped = escaped
    this.keyStart = at + 1
    this.keyEnd = end - 1
    if (bytes[end] !== COLON) end = this.space(end)
    if (bytes[end] !== COLON) return UNUSUAL
    return bytes[end + 1] <= SPACE ? this.space(end + 1) : end + 1
  }

  /** From behind a member to the next key, or `CLOSED`. */
  afterValue(from: number): number {
    const bytes = this.bytes
    const at = bytes[from] <= SPACE ? this.space(from) : from
    if (bytes[at] === COMMA) return bytes[at + 1] <= SPACE ? this.space(at + 1) : at + 1
    if (bytes[at] !== CLOSE_BRACE) return UNUSUAL
    this.closedAt = at + 1
    return CLOSED
  }

  /** Past white space. */
  space(from: number): number {
    const bytes = this.bytes
    let at = from
    while (bytes[at] === SPACE || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09)
      at++
    return at
  }

  #object(from: number, depth: number): number {
    if (depth >= MAX_DEPTH) return UNUSUAL
    const bytes = this.bytes
    let at = this.open(from)
    while (at >= 0) {
      if (bytes[at] !== QUOTE) return UNUSUAL
      at = this.string(at + 1)
      if (at < 0) return UNUSUAL
      if (bytes[at] !== COLON) at = this.space(at)
      if (bytes[at] !== COLON) return UNUSUAL
      at = this.value(at + 1, depth + 1)
      if (at < 0) return UNUSUAL
      at = this.afterValue(at)
    }
    return at === CLOSED ? this.closedAt : UNUSUAL
  }

  #array(from: number, depth: number): number {
    if (depth >= MAX_DEPTH) return UNUSUAL
    const bytes = this.bytes
    let at = this.space(from)
    if (bytes[at] === CLOSE_BRACKET) return at + 1
    for (;;) {
      at = this.value(at, depth + 1)
      if (at < 0) return UNUSUAL
      at = this.space(at)
      if (bytes[at] === CLOSE_BRACKET) return at + 1
      if (bytes[at] !== COMMA) return UNUSUAL
      at++
    }
  }

  #word(at: number, byte: number): number {
    if (byte === TRUE[0]) return standsAt(this.bytes, at, TRUE) ? at + 4 : UNUSUAL
    if (byte === NULL[0]) return standsAt(this.bytes, at, NULL) ? at + 4 : UNUSUAL
    if (byte === FALSE[0]) return standsAt(this.bytes, at, FALSE) ? at + 5 : UNUSUAL
    return this.#number(byte === MINUS ? at + 1 : at)
  }

  #number(from: number): number {
    const bytes = this.bytes
    let at = bytes[from] === ZERO ? from + 1 : this.#digits(from)
    if (at >= 0 && bytes[at] === DOT) at = this.#digits(at + 1)
    if (at < 0 || (bytes[at] | SPACE) !== 0x65) return at
    at++
    if (bytes[at] === PLUS || bytes[at] === MINUS) at++
    return this.#digits(at)
  }

  #digits(from: number): number {
    let at = from
    while (this.bytes[at] >= ZERO && this.bytes[at] <= NINE) at++
    return at === from ? UNUSUAL : at
  }

  #escape(at: number): number {
    const kind = ESCAPES[this.bytes[at]]
    if (kind === 1) return at + 1
    if (kind !== 2) return UNUSUAL
    for (let digit = at + 1; digit <= at + 4; digit++) {
      if (!isHex(this.bytes[digit])) return UNUSUAL
    }
    return at + 5
  }
}

function isHex(byte: number): boolean {
  const lower = byte | SPACE
  return (byte >= ZERO && byte <= NINE) || (lower >= 0x61 && lower <= 0x66)
}
