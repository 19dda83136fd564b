import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'

/** Where the built site lies. */
export const DIST = join(import.meta.dirname, '../dist')
/** Where the site lies below its host. */
export const BASE = '/engage-sync/'
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** The built site on a port of this machine, below the same base as where it is published. */
export interface Served {
  /** Address of the home page, with a slash at the end. */
  readonly url: string
  close(): void
}

/** Serves `dist/` as GitHub Pages does: `/faq` is `faq.html`, a folder its `index.html`. */
export async function serveSite(): Promise<Served> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const file = fileOf(decodeURIComponent(pathname))
    const shown = file ?? join(DIST, '404.html')
    const type = TYPES[extname(shown)] ?? 'application/octet-stream'
    response.writeHead(file === null ? 404 : 200, { 'content-type': type })
    createReadStream(shown).pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${BASE}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** The file that an address below the host shows, or null. */
export function fileOf(pathname: string): string | null {
  if (!pathname.startsWith(BASE) || pathname.includes('..')) return null
  const path = join(DIST, pathname.slice(BASE.length))
  const candidates = [path, `${path}.html`, join(path, 'index.html')]
  return candidates.find((one) => existsSync(one) && statSync(one).isFile()) ?? null
}
