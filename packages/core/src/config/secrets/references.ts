import { SyncError } from '@engage-sync/contract'

/** A `${…}` in a text: what it names, and where it stands. */
export interface SecretReference {
  readonly kind: 'environment' | 'file' | 'invalid'
  /** Name of the variable, or path of the file. */
  readonly name: string
  /** UTF-16 offsets; the end is exclusive. */
  readonly start: number
  readonly end: number
}

/** Where secrets come from. */
export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Reads a text file; one trailing line end is cut. Throws when it cannot. */
  readonly readFile: (path: string) => string
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Finds the references in a text, well-formed or not. */
export function referencesIn(text: string): readonly SecretReference[] {
  return [...text.matchAll(/\$\{([^}]*)(\}?)/g)].map((match) => {
    const [all, inside = '', brace] = match
    const start = match.index
    const end = start + all.length
    if (brace === '}' && inside.startsWith('file:') && inside.length > 'file:'.length) {
      return { kind: 'file', name: inside.slice('file:'.length), start, end }
    }
    return {
      kind: brace === '}' && NAME.test(inside) ? 'environment' : 'invalid',
      name: inside,
      start,
      end,
    }
  })
}

/** Whether a text is a reference and nothing else. */
export function isReference(text: string): boolean {
  const [first] = referencesIn(text)
  return (
    first !== undefined &&
    first.kind !== 'invalid' &&
    first.start === 0 &&
    first.end === text.length
  )
}

/**
 * Lists the references anywhere in a value, each once, in the order they stand.
 *
 * Shape: `${BRAZE_API_KEY}` and `${file:/run/secrets/key}` as texts.
 */
export function listSecrets(value: unknown): readonly string[] {
  const found = new Set<string>()
  mapTexts(value, (text) => {
    for (const { start, end } of referencesIn(text)) found.add(text.slice(start, end))
    return text
  })
  return [...found]
}

/**
 * Replaces the references anywhere in a value by what they name.
 *
 * Shape: a plain value, map or array in, an equal one with secrets in it out; the input is not
 * changed.
 *
 * @throws {SyncError} `SECRET_MISSING` (unset or blank variables, all of them), `SECRET_UNREADABLE`
 *   (file); they name references, never values
 */
export function resolveSecrets<T>(value: T, sources: SecretSources): T {
  refuseMissing(value, sources)
  return mapTexts(value, (text) => resolveText(text, sources)) as T
}

function resolveText(text: string, sources: SecretSources): string {
  let resolved = ''
  let at = 0
  for (const reference of referencesIn(text)) {
    resolved += text.slice(at, reference.start) + lookUp(reference, sources)
    at = reference.end
  }
  return resolved + text.slice(at)
}

function lookUp({ kind, name }: SecretReference, sources: SecretSources): string {
  return kind === 'file' ? readSecretFile(name, sources) : (variable(name, sources) ?? '')
}

/** The value of a variable; null when it is not set, or blank. */
function variable(name: string, { env }: SecretSources): string | null {
  const value = (Object.hasOwn(env, name) ? env[name] : undefined) ?? ''
  return value.trim() === '' ? null : value
}

/** Told all at once: nobody sets three variables in three rounds. */
function refuseMissing(value: unknown, sources: SecretSources): void {
  const references = listSecrets(value).flatMap(referencesIn)
  const missing = references
    .filter(({ kind, name }) => kind !== 'file' && variable(name, sources) === null)
    .map(({ name }) => name)
  if (missing.length === 0) return
  const shown = missing.map((name) => `\${${name}}`).join(', ')
  const variables =
    missing.length === 1
      ? `the environment variable ${missing[0]}`
      : `the environment variables ${missing.join(', ')}`
  throw new SyncError('SECRET_MISSING', `${shown} ${missing.length === 1 ? 'is' : 'are'} not set`, {
    hint: `Set ${variables}, or choose another environment with \`--env\`.`,
  })
}

function readSecretFile(path: string, sources: SecretSources): string {
  try {
    const text = sources.readFile(path).replace(/\r?\n$/, '')
    if (text.trim() !== '') return text
  } catch {
    // What the reader says may hold more than the path; the reference says enough.
  }
  throw new SyncError('SECRET_UNREADABLE', `\${file:${path}} cannot be read, or is empty`, {
    hint: 'Check that the file exists, is readable and holds the secret.',
  })
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change))
  if (value instanceof Map)
    return new Map([...value].map(([key, item]) => [key, mapTexts(item, change)]))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]),
  )
}
