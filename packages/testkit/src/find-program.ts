import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where Debian installs servers, beside what the shell looks through. */
const PLACES = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/** Where a program is installed, or null. */
export function findProgram(name: string): string | null {
  return PLACES.map((place) => join(place, name)).find((path) => existsSync(path)) ?? null
}
