import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { BrazeError } from '../errors.ts'
import { isSafeUrl } from '../exchange/index.ts'
import type { Exchanger } from '../exchange/index.ts'
import { sleepFor } from '../time/index.ts'

/** Between two looks at whether an archive is there, milliseconds. */
const LOOK_EVERY_MS = 5000
/** An archive's address lapses after four hours; one that takes an hour will not come. Milliseconds. */
const PATIENCE_MS = 3_600_000
/** Without a byte for so long a download has died, milliseconds. */
const SILENCE_MS = 60_000
/** Braze documents no more than that an address answers once its archive is ready. */
const NOT_YET: ReadonlySet<number> = new Set([403, 404, 409, 425, 429, 500, 502, 503, 504])

/**
 * Fetches an archive into a file of its owner only, as soon as it is there. The API key does not
 * travel along: the address itself is the secret, and no error names it.
 *
 * @throws {BrazeError} `BRAZE_EXPORT`
 */
export async function download(
  { clock }: Pick<Exchanger, 'clock'>,
  url: string,
  { file, signal }: { readonly file: string; readonly signal: AbortSignal },
): Promise<void> {
  if (!URL.canParse(url) || !isSafeUrl(new URL(url)))
    throw failed('its address is neither https nor on this machine')
  const startedAt = clock.now()
  for (;;) {
    const status = await tryOnce(url, file, signal)
    if (status === 'done') return
    signal.throwIfAborted()
    if (typeof status === 'number' && !NOT_YET.has(status)) throw failed(`HTTP ${status}`)
    if (clock.now() - startedAt > PATIENCE_MS) throw failed('it is not there after an hour')
    await sleepFor(clock, LOOK_EVERY_MS, signal)
  }
}

/** `done`, the status that came instead of the archive, or null where nothing whole did. */
async function tryOnce(
  url: string,
  file: string,
  signal: AbortSignal,
): Promise<'done' | number | null> {
  const { default: got } = await import('got')
  const stream = got.stream(url, {
    followRedirect: false,
    decompress: false,
    retry: { limit: 0 },
    timeout: { connect: 10_000, socket: SILENCE_MS },
  })
  try {
    await pipeline(stream, createWriteStream(file, { mode: 0o600 }), { signal })
    return 'done'
  } catch (error) {
    const { response, code } = error as {
      readonly response?: { readonly statusCode: number }
      readonly code?: string
    }
    if (code === 'ENOSPC') throw failed('the disk of the temporary directory is full')
    return response?.statusCode ?? null
  }
}

function failed(why: string): BrazeError {
  return new BrazeError('BRAZE_EXPORT', `The archive of the export is not to be had: ${why}`, {
    hint: 'Ask for it again; above some hundred thousand users Braze wants to write into storage of your own.',
    retryable: true,
    place: '/users/export/segment',
  })
}
