import { glob, readdir, stat } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { errorCode, sourceNotFound, sourceUnreadable } from '../source/index.ts'

/** File names that hold events when a whole directory is named. */
const EVENT_FILE = /\.(?:ndjson|jsonl|json|log)(?:\.gz)?$|\.gz$/iu
/** Names of what is no data: marks that other tools leave, and notes for people. */
const NO_DATA = /^_|^dummy-object\.txt$|\.md$|^(?:readme|license)/iu
/** What Segment writes to test its access to a bucket. */
const VALIDATION_FILE = 'dummy-object.txt'
/** Segment's storage layout: source id, then the day of receipt as a timestamp. */
const SEGMENT_LOGS = /(?:^|\/)segment-logs\/[^/]+\/(\d{10,13})\//u

/**
 * The files of all places, as paths relative to the root, with `/`, in reading order.
 *
 * Shape: a file is itself, a directory its event files at any depth, a glob what it matches; each
 * file once.
 *
 * @param mayMiss - whether a place may match no file. Default: it must not
 * @throws {SourceError} `SOURCE_NOT_FOUND` when a place matches no file
 */
export async function listFiles(
  places: readonly string[],
  root: string,
  mayMiss = false,
): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const place of places) {
    const files = await listPlace(place, root)
    if (files.length === 0 && !mayMiss)
      throw sourceNotFound(place, await passedOverFiles([place], root))
    for (const file of files) found.add(relative(root, file).split(sep).join('/'))
  }
  return inTimeOrder([...found])
}

/** The places that match no file. */
export async function missingPlaces(
  places: readonly string[],
  root: string,
): Promise<readonly string[]> {
  const missing: string[] = []
  for (const place of places) if ((await listPlace(place, root)).length === 0) missing.push(place)
  return missing
}

/**
 * Files in directories among the places that are not taken for event files, by their names;
 * relative to the root. What tools leave there (hidden files, `_SUCCESS`) and notes are not among
 * them.
 */
export async function passedOverFiles(
  places: readonly string[],
  root: string,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const place of places) {
    const path = resolve(root, place)
    const info = await stat(path).catch(() => null)
    if (info?.isDirectory() !== true) continue
    for (const file of await filesBelow(path))
      if (!EVENT_FILE.test(file) && !NO_DATA.test(basename(file)))
        found.push(relative(root, file).split(sep).join('/'))
  }
  return found.toSorted(byCodeUnit)
}

/**
 * Sorts by Segment's day of receipt, then by path; files outside its layout by path alone, before
 * the others.
 */
export function inTimeOrder(paths: readonly string[]): readonly string[] {
  const keyed = paths.map((path) => ({ path, day: dayOf(path) }))
  return keyed
    .toSorted((left, right) => left.day - right.day || byCodeUnit(left.path, right.path))
    .map(({ path }) => path)
}

function dayOf(path: string): number {
  const text = SEGMENT_LOGS.exec(path)?.[1]
  if (text === undefined) return 0
  return text.length <= 10 ? Number(text) * 1000 : Number(text)
}

async function listPlace(place: string, root: string): Promise<readonly string[]> {
  const path = resolve(root, place)
  try {
    const info = await stat(path)
    return info.isDirectory() ? await listDirectory(path) : [path]
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR')
      throw sourceUnreadable(place, error)
  }
  return hasWildcard(place) ? listGlob(place, root) : []
}

async function listDirectory(path: string): Promise<readonly string[]> {
  return (await filesBelow(path)).filter((file) => EVENT_FILE.test(file))
}

/** Files at any depth that are not hidden. */
async function filesBelow(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !isHidden(relative(path, file)))
}

async function listGlob(pattern: string, root: string): Promise<readonly string[]> {
  const files: string[] = []
  for await (const entry of glob(pattern, { cwd: root, withFileTypes: true })) {
    if (!entry.isDirectory() && entry.name !== VALIDATION_FILE)
      files.push(join(entry.parentPath, entry.name))
  }
  return files
}

function hasWildcard(place: string): boolean {
  return /[*?[{]/u.test(place)
}

function isHidden(path: string): boolean {
  return path.split(sep).some((part) => part.startsWith('.'))
}

function byCodeUnit(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
