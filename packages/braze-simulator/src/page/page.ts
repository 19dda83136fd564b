import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'

/** Files of the page; beside the sources also in the published package. */
const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['page.html', 'text/html; charset=utf-8'],
  '/simulator/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/simulator/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/simulator/read.js': ['read.js', 'text/javascript; charset=utf-8'],
  '/simulator/panels.js': ['panels.js', 'text/javascript; charset=utf-8'],
  '/simulator/details.js': ['details.js', 'text/javascript; charset=utf-8'],
  '/simulator/charts.js': ['charts.js', 'text/javascript; charset=utf-8'],
  '/simulator/history.js': ['history.js', 'text/javascript; charset=utf-8'],
  '/simulator/elements.js': ['elements.js', 'text/javascript; charset=utf-8'],
}

/** The page loads from this server alone, and can be framed and posted from nowhere. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
} as const

/** Sends a file of the page; false when the path is none. */
export function sendPage(path: string, response: ServerResponse): boolean {
  const found = Object.hasOwn(FILES, path) ? FILES[path] : undefined
  if (found === undefined) return false
  const [file, type] = found
  const text = readFileSync(new URL(`../../src/page/${file}`, import.meta.url))
  response.writeHead(200, { ...HEADERS, 'Content-Type': type, 'Content-Length': text.length })
  response.end(text)
  return true
}
