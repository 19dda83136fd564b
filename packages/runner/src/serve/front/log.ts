import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { EventLog, SourcePosition } from '@engage-sync/core'
import { isDiskFull } from '../../process/disk-full.ts'
import { isSyncError } from '../../process/sync-error.ts'
import { DISK_RESERVE_BYTES } from './limits.ts'

/** Why nothing can be kept, and so nothing is acknowledged; null where it can. */
export type Closed = {
  readonly code: string
  readonly message: string
  readonly hint: string
} | null

/** What a log needs. */
export interface LogOptions {
  readonly events: EventLog
  /** Its directory, or where it will be; null where it is on no disk of this machine. */
  readonly directory: string | null
  readonly maxBytes: number
  /** The position of its source as it was committed. */
  readonly committed: () => Promise<SourcePosition | null>
}

/** How long a look at the backlog and the disk counts, milliseconds. */
const LOOK_MS = 1000

/**
 * What came and was not worked on: keeps it, and knows when there is no room for more.
 *
 * Looks at the backlog and the disk at most once a second, and only while something comes.
 */
export class Log {
  readonly #options: LogOptions
  /** Bytes behind the committed position, at the last look, and those appended since. */
  #backlogBytes = 0
  #closed: Closed = null
  #looked = 0
  #looking: Promise<void> | null = null

  constructor(options: LogOptions) {
    this.#options = options
  }

  get backlogBytes(): number {
    return this.#backlogBytes
  }

  /** Why nothing more is kept now; null where it is. */
  get closed(): Closed {
    if (this.#closed !== null) return this.#closed
    const { maxBytes } = this.#options
    return this.#backlogBytes <= maxBytes ? null : logFull(maxBytes)
  }

  /** Whether a committed position has passed all that was kept. */
  async isWorkedOn(): Promise<boolean> {
    this.#looked = 0
    await this.look()
    return this.#backlogBytes === 0
  }

  /** Keeps lines of JSON; durable when it resolves. @throws where they could not be kept */
  async append(lines: Uint8Array): Promise<void> {
    this.#lookSoon()
    this.#backlogBytes += lines.length
    try {
      await this.#options.events.append(lines)
    } catch (error) {
      this.#backlogBytes -= lines.length
      // What is wrong with one request is no reason to refuse the others.
      if (!isTooLarge(error)) this.#closed = whyNotKept(error)
      throw error
    }
  }

  /** Looks anew, unless that was done a moment ago. */
  look(): Promise<void> {
    if (performance.now() - this.#looked < LOOK_MS && this.#looked > 0) return Promise.resolve()
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null
      this.#looked = performance.now()
    })
    return this.#looking
  }

  #lookSoon(): void {
    void this.look()
  }

  /** What could not be looked at stays as it was: the next append tells. */
  async #look(): Promise<void> {
    const { events, committed, directory } = this.#options
    const before = this.#backlogBytes
    try {
      const position = await committed()
      if (position !== null) await events.trim(position)
      const { bytes } = await events.lag(position)
      this.#backlogBytes = bytes + (this.#backlogBytes - before)
    } catch {
      // The state may be gone for a while.
    }
    const free = directory === null ? null : await freeBytes(directory)
    this.#closed = free !== null && free < DISK_RESERVE_BYTES ? diskShort() : null
  }
}

/** Bytes a process without privileges may still write there; null where nobody tells. */
async function freeBytes(directory: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(directory)
    return bavail * bsize
  } catch {
    const above = dirname(directory)
    return above === directory ? null : freeBytes(above)
  }
}

function logFull(maxBytes: number): Closed {
  return {
    code: 'SERVE_LOG_FULL',
    message: `More than ${maxBytes} bytes wait to be worked on`,
    hint: 'See /readyz for why they wait; serve.max_log says how many may.',
  }
}

function diskShort(): NonNullable<Closed> {
  return {
    code: 'SERVE_DISK_SHORT',
    message: 'The disk has too little room left to keep what comes',
    hint: 'Make room where the state of the environment is kept.',
  }
}

/** Why something that came could not be kept. @param error - as `append` threw it */
export function whyNotKept(error: unknown): NonNullable<Closed> {
  return isDiskFull(error) ? diskShort() : unwritable(error)
}

function isTooLarge(error: unknown): boolean {
  return isSyncError(error) && error.code === 'SOURCE_TOO_LARGE'
}

function unwritable(error: unknown): NonNullable<Closed> {
  if (isSyncError(error))
    return {
      code: isTooLarge(error) ? 'SERVE_RECORD_TOO_LARGE' : 'SERVE_LOG_UNWRITABLE',
      message: `What comes cannot be kept: ${error.message}`,
      hint: error.hint ?? 'Look at the log that serve.log names.',
    }
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return {
    code: 'SERVE_LOG_UNWRITABLE',
    message: `What comes cannot be written to disk (${code})`,
    hint: 'Look at the directory of the environment, and at its disk.',
  }
}
