/** Where one object of a body's arrays begins and ends, in bytes, and the array it stands in. */
export interface ObjectSpan {
  readonly array: string
  readonly from: number
  readonly to: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** Depth of an object inside an array inside the body. */
const OBJECT_DEPTH = 3

/**
 * Finds the objects of a body such as `{"attributes":[{…},{…}],"events":[{…}]}`, in order.
 *
 * Bytes, not values: an object that is sent again is the same to the last digit. Pure.
 */
export function objectSpans(body: Uint8Array): readonly ObjectSpan[] {
  const spans: ObjectSpan[] = []
  let depth = 0
  let array = ''
  let from = 0
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]
    if (byte === QUOTE) {
      const end = endOfString(body, at)
      if (depth === 1) array = Buffer.from(body.subarray(at + 1, end)).toString('utf8')
      at = end
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth++
      if (depth === OBJECT_DEPTH) from = at
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === OBJECT_DEPTH) spans.push({ array, from, to: at + 1 })
      depth--
    }
  }
  return spans
}

/**
 * A body with some of the objects only, in the order given; those of one array must stand together.
 */
export function bodyOf(body: Uint8Array, spans: readonly ObjectSpan[]): Uint8Array {
  const parts: Uint8Array[] = []
  let array: string | null = null
  for (const span of spans) {
    const before =
      span.array === array ? ',' : `${array === null ? '{' : '],'}${JSON.stringify(span.array)}:[`
    parts.push(Buffer.from(before), body.subarray(span.from, span.to))
    array = span.array
  }
  parts.push(Buffer.from(array === null ? '{}' : ']}'))
  return Buffer.concat(parts)
}

/** Index of the quote that ends the string that begins at `start`. */
function endOfString(body: Uint8Array, start: number): number {
  let at = start + 1
  while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1
  return at
}
