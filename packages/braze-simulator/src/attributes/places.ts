import type { Json } from '@engage-sync/contract'

const LETTERS = Array.from({ length: 26 }, (_, index) => String.fromCharCode(65 + index))
/** Assigned-looking codes that are no country: private use, unions, test regions. */
const NOT_COUNTRIES = new Set([
  'EU',
  'EZ',
  'UN',
  'QO',
  'XA',
  'XB',
  'ZZ',
  'AC',
  'CP',
  'DG',
  'EA',
  'IC',
  'TA',
])
let names: Intl.DisplayNames | null = null
let codesByName: ReadonlyMap<string, string> | null = null

/**
 * The ISO 3166-1 alpha-2 code of a country given by code or English name; null when it cannot be
 * told.
 */
export function readCountry(value: Json): string | null {
  if (typeof value !== 'string') return null
  const code = canonicalCode(value.toUpperCase())
  if (code !== null) return code
  codesByName ??= namesToCodes()
  return codesByName.get(value.trim().toLowerCase()) ?? null
}

/** Whether a value is an IANA time zone name. */
export function isTimeZone(value: Json): boolean {
  if (typeof value !== 'string' || !/^[A-Za-z]/.test(value)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: value })
    return true
  } catch {
    return false
  }
}

/** A code in today's form, such as `GB` for `UK`; null when it is no country's. */
function canonicalCode(code: string): string | null {
  if (!/^[A-Z]{2}$/.test(code) || NOT_COUNTRIES.has(code)) return null
  const region = new Intl.Locale(`und-${code}`).region
  return region !== undefined && nameOf(region) !== undefined ? region : null
}

function namesToCodes(): ReadonlyMap<string, string> {
  const codes = LETTERS.flatMap((first) => LETTERS.map((second) => first + second)).filter(
    (code) => canonicalCode(code) === code,
  )
  return new Map(codes.map((code) => [String(nameOf(code)).toLowerCase(), code]))
}

function nameOf(code: string): string | undefined {
  names ??= new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
  return names.of(code)
}
