import type { Io } from '../src/process/io.ts'

/** An `Io` that keeps what is written, with a clock that stands still unless it is moved. */
export interface FakeIo extends Io {
  out(): string
  err(): string
}

/** Overrides of a fake `Io`. */
export interface FakeIoOptions {
  readonly cwd?: string
  readonly env?: Io['env']
  readonly isTTY?: boolean
  readonly columns?: number
  readonly now?: () => number
  readonly stdin?: string
  readonly signal?: AbortSignal
}

/** Builds one. */
export function fakeIo(options: FakeIoOptions = {}): FakeIo {
  const texts = { out: '', err: '' }
  const output = (key: 'out' | 'err') => ({
    write: (text: string) => void (texts[key] += text),
    isTTY: options.isTTY ?? false,
    columns: options.columns ?? 100,
  })
  return {
    stdout: output('out'),
    stderr: output('err'),
    stdin: stdinOf(options.stdin ?? ''),
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    now: options.now ?? (() => Date.UTC(2026, 10, 23, 12)),
    signal: options.signal ?? new AbortController().signal,
    out: () => texts.out,
    err: () => texts.err,
  }
}

async function* stdinOf(text: string): AsyncIterable<Uint8Array> {
  if (text !== '') yield new TextEncoder().encode(text)
}
