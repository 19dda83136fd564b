import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The file an environment's simulator keeps everything in. */
export function simulatorStore(directory: string): string {
  return join(directory, 'simulator.ndjson')
}

/** Tells others where the simulator of an environment listens; the result takes it back. */
export function announceSimulator(directory: string, url: string): () => void {
  const path = addressFile(directory)
  writeFileSync(path, `${url}\n`, { mode: 0o600 })
  return () => rmSync(path, { force: true })
}

/** Where another process said the simulator of an environment listens, or null. */
export function announcedSimulator(directory: string): string | null {
  try {
    return readFileSync(addressFile(directory), 'utf8').trim() || null
  } catch {
    return null
  }
}

function addressFile(directory: string): string {
  return join(directory, 'simulator.url')
}
