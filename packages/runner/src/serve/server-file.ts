import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How others on this machine reach the server of an environment. */
export interface AnnouncedServer {
  readonly url: string
  /** Known to who may read the environment's directory, and to nobody else. */
  readonly secret: string
}

/** Tells others where the server of an environment is; the result takes it back. */
export function announceServer(directory: string, server: AnnouncedServer): () => void {
  const path = fileIn(directory)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  writeFileSync(path, `${JSON.stringify(server)}\n`, { mode: 0o600 })
  return () => {
    if (announcedServer(directory)?.secret === server.secret) rmSync(path, { force: true })
  }
}

/** Where the server of an environment said it is, or null; it may be gone. */
export function announcedServer(directory: string): AnnouncedServer | null {
  try {
    return JSON.parse(readFileSync(fileIn(directory), 'utf8')) as AnnouncedServer
  } catch {
    return null
  }
}

function fileIn(directory: string): string {
  return join(directory, 'server.json')
}
