import { isJsonObject } from '@engage-sync/contract'
import type { Json } from '@engage-sync/contract'

/**
 * E-mail addresses, ids, network addresses and phone numbers inside a text; in this order where
 * they overlap.
 */
const PERSONAL_TEXT =
  /(?<email>[^\s@"<>(),;:]+@[^\s@"<>(),;:]+\.[a-z]{2,})|(?<uuid>\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)|(?<address>\b(?:\d{1,3}\.){3}\d{1,3}\b)|(?<phone>(?<![\w.])\+?\d[\d\s().\-/]{7,}\d(?![\w.]))/giu
const DATE = /^\d{4}-\d{2}-\d{2}(?:[T ].*)?$/u

/** Names that usually hold what tells who someone is, folded to lower-case words joined by `_`. */
const PERSONAL_NAMES =
  /^name$|(?:^|_)(?:e_?mail|phone|mobile|(?:first|last|middle|full|given|family|user|nick)_?name|surname|birth\w*|dob|address|street|zip\w*|postal\w*|city|ip|ssn|passport|avatar|image_url|token|lat|lng|latitude|longitude|location|gender)(?:_|$)/u

interface TextParts {
  readonly email?: string
  readonly uuid?: string
  readonly address?: string
}

/**
 * Replaces what tells who a user is, always by the same stand-in for the same original within one
 * redactor.
 *
 * Shape: identifiers become `u1`, `u2`…, e-mail addresses `person1@example.com`, phone numbers, ids
 * and network addresses stand-ins of their form; values under a personal name (`firstName`,
 * `address.city`) become `text1`… or 0. Dates, product names and amounts under other names stay,
 * since filters are about them.
 */
export class Redactor {
  readonly #standIns = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  /** Stand-in for a user's identifier. */
  user(id: string): string {
    return this.#standIn('user', id, (number) => `u${number}`)
  }

  /** Stand-in for an anonymous identifier. */
  anonymous(id: string): string {
    return this.#standIn('anonymous', id, (number) => `a${number}`)
  }

  /** Stand-in for an e-mail address. */
  email(address: string): string {
    return this.#standIn('email', address.toLowerCase(), (number) => `person${number}@example.com`)
  }

  /** A value with everything personal replaced. @param name - what the value is called */
  value(name: string, value: Json): Json {
    if (Array.isArray(value)) return value.map((element) => this.value(name, element as Json))
    if (isJsonObject(value))
      return Object.fromEntries(
        Object.entries(value).map(([key, member]) => [
          key,
          this.value(isPersonal(name) ? name : key, member),
        ]),
      )
    if (typeof value === 'string') return this.#text(name, value)
    return typeof value === 'number' && isPersonal(name) ? 0 : value
  }

  #text(name: string, text: string): string {
    if (isPersonal(name) && DATE.test(text)) return '1990-01-01'
    const replaced = DATE.test(text)
      ? text
      : text.replace(PERSONAL_TEXT, (found, ...rest) =>
          this.#inText(found, rest.at(-1) as TextParts),
        )
    return isPersonal(name) && replaced === text && text !== ''
      ? this.#personal(name, text)
      : replaced
  }

  #inText(found: string, { email, uuid, address }: TextParts): string {
    if (email !== undefined) return this.email(email)
    if (uuid !== undefined)
      return this.#standIn(
        'uuid',
        uuid,
        (number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
      )
    if (address !== undefined)
      return this.#standIn('address', address, (number) => `192.0.2.${number}`)
    return this.#standIn('phone', found, (number) => `+1555010${String(number).padStart(4, '0')}`)
  }

  /** A stand-in that Braze would take under the same name. */
  #personal(name: string, text: string): string {
    if (name.endsWith('gender')) return 'O'
    if (/(?:avatar|image_url)$/u.test(name))
      return this.#standIn('image', text, (number) => `https://example.com/${number}.png`)
    return this.#standIn('text', text, (number) => `text${number}`)
  }

  #standIn(kind: string, original: string, make: (number: number) => string): string {
    const key = `${kind}\u0000${original}`
    const known = this.#standIns.get(key)
    if (known !== undefined) return known
    const number = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, number)
    const standIn = make(number)
    this.#standIns.set(key, standIn)
    return standIn
  }
}

function isPersonal(name: string): boolean {
  return PERSONAL_NAMES.test(
    name
      .replace(/([a-z])([A-Z])/gu, '$1_$2')
      .replace(/[.\s-]/gu, '_')
      .toLowerCase(),
  )
}
