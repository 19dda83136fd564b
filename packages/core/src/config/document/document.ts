import type { ConfigPath, SourceRange } from '../../model/source-range.ts'
import { maskSecrets } from '../secrets/mask.ts'
import { CONFIG_CODES } from './codes.ts'
import type { ConfigCode } from './codes.ts'
import type { Diagnostic } from './diagnostics.ts'
import { isProjectFile } from './file-kind.ts'
import { lineStartsOf, positionOf } from './line-starts.ts'
import { placeAt, spanInside } from './place.ts'
import type { Place, Span } from './place.ts'

/** What a diagnostic says beside its code and place. */
export interface Finding {
  readonly message: string
  readonly hint?: string
}

/** Whether a place is a key, a value, or the key when there is one. */
export type Part = 'key' | 'value'

/** A parsed file: its value as JSON, where everything stands, and the diagnostics found so far. */
export class ConfigDocument {
  readonly path: string
  readonly text: string
  readonly diagnostics: Diagnostic[] = []
  /** The value as JSON; undefined when the file could not be read. */
  value: unknown
  root: Place = { value: { start: 0, end: 0 }, key: null, members: new Map(), scalar: null }
  /**
   * Parts of the value had to be left out because they were wrong: do not conclude from what is
   * missing.
   */
  isPartial = false
  readonly #lineStarts: readonly number[]
  readonly #damaged = new Set<string>()
  readonly #seen = new Set<string>()

  constructor(path: string, text: string) {
    this.path = path
    this.text = text
    this.#lineStarts = lineStartsOf(text)
  }

  /** Notes that something at or below a path was left out. */
  markDamaged(path: ConfigPath): void {
    this.isPartial = true
    for (let length = 0; length <= path.length; length += 1)
      this.#damaged.add(path.slice(0, length).join('\0'))
  }

  /**
   * Whether something at or below a path was left out, so that what is missing there means nothing.
   */
  isDamaged(path: ConfigPath): boolean {
    return this.#damaged.has(path.join('\0'))
  }

  /** Whether the file itself has something at a path. */
  hasPath(path: ConfigPath): boolean {
    let place: Place | undefined = this.root
    for (const step of path) place = place?.members.get(String(step))
    return place !== undefined
  }

  /** Where a path stands. */
  rangeOf(path: ConfigPath, part: Part = 'value'): SourceRange {
    const place = placeAt(this.root, path)
    return this.toRange(part === 'key' ? (place.key ?? place.value) : place.value)
  }

  /** The value at a path as it is written, quotes and all. */
  sourceOf(path: ConfigPath): string {
    const { start, end } = placeAt(this.root, path).value
    return this.text.slice(start, end)
  }

  /** Where some characters of the text at a path stand. */
  rangeInside(path: ConfigPath, from: number, to: number): SourceRange {
    return this.toRange(spanInside(placeAt(this.root, path), this.text, { from, to }))
  }

  /** Turns offsets into lines and columns. */
  toRange({ start, end }: Span): SourceRange {
    const from = positionOf(this.#lineStarts, start)
    const to = positionOf(this.#lineStarts, Math.max(start, end))
    return { path: this.path, ...from, endLine: to.line, endColumn: to.column }
  }

  /** Adds a diagnostic; the same code at the same place is kept once. */
  report(code: ConfigCode, range: SourceRange, finding: Finding): void {
    const key = `${code}:${range.line}:${range.column}`
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    const excerpt = this.excerpt(range.line)
    this.diagnostics.push({
      ...range,
      severity: CONFIG_CODES[code].severity,
      code,
      ...finding,
      excerpt,
    })
  }

  /** A line as diagnostics show it: what reads like a secret is hidden, in whatever file. */
  excerpt(line: number): string {
    return maskSecrets(
      this.lineText(line),
      line > 1 ? this.lineText(line - 1) : '',
      isProjectFile(this.path),
    )
  }

  /** Text of a 1-based line, without its line end. */
  lineText(line: number): string {
    const start = this.#lineStarts[line - 1] ?? 0
    const end = this.text.indexOf('\n', start)
    return this.text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '')
  }
}
