import { join } from 'node:path'
import { itemAt } from '@engage-sync/contract'
import { sourceUnreadable } from '../source/index.ts'
import { continues, identify } from './identity.ts'
import type { SeenFile } from './identity.ts'
import type { FilePosition } from './position.ts'
import { IDENTITY_BYTES } from './limits.ts'

/** How far a file was read that was looked at just now. */
export type SeenPosition = FilePosition & SeenFile

/**
 * Where each file stands, given where the last reading stopped, and as what it was seen.
 *
 * Shape: one position a file, in the order of `paths`. A file that grew goes on where it was; one
 * that was renamed (rotated) is known by its content; one that was rewritten or shortened, and a
 * new one, start at 0. Files that are gone are forgotten.
 *
 * @throws {SourceError} `SOURCE_UNREADABLE` for a file that cannot be opened, or went since it was
 *   listed
 */
export async function resumeFiles(
  paths: readonly string[],
  root: string,
  before: readonly FilePosition[],
): Promise<readonly SeenPosition[]> {
  const known = new Map(before.map((position) => [position.path, position]))
  const files = await mapInTurn(paths, LOOKS_AT_ONCE, (path) =>
    resumeFile(path, root, known.get(path)),
  )
  const unknown = files.flatMap(({ isNew }, index) => (isNew ? [index] : []))
  for (const { position, isNew } of files) if (!isNew) known.delete(position.path)
  const positions = files.map(({ position }) => position)
  await findRenamed({ files: positions, unknown, root, orphans: known })
  return positions
}

/** How many files are looked at together. */
const LOOKS_AT_ONCE = 16

/** Where one file stands by its own path. One look is enough for a file that did not grow. */
async function resumeFile(
  path: string,
  root: string,
  before: FilePosition | undefined,
): Promise<{ readonly position: SeenPosition; readonly isNew: boolean }> {
  const now = await readable(path, identify(join(root, path)))
  const isSame =
    before !== undefined &&
    now.size === before.size &&
    now.head === before.head &&
    now.tail === before.tail
  const isGrown =
    before !== undefined &&
    now.size > before.size &&
    (await readable(path, continues(join(root, path), before)))
  return {
    position: positionFrom(isSame || isGrown ? before : null, path, now),
    isNew: !isSame && !isGrown,
  }
}

/** What a look at a file gives. @throws {SourceError} `SOURCE_UNREADABLE` */
async function readable<T>(path: string, look: Promise<T>): Promise<T> {
  return look.catch((error: unknown) => {
    throw sourceUnreadable(path, error)
  })
}

/** Maps some at a time, all in order. */
async function mapInTurn<T, R>(
  items: readonly T[],
  atOnce: number,
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  for (let first = 0; first < items.length; first += atOnce) {
    results.push(...(await Promise.all(items.slice(first, first + atOnce).map(map))))
  }
  return results
}

interface Renames {
  readonly files: SeenPosition[]
  readonly unknown: readonly number[]
  readonly root: string
  /** Positions whose file is gone, or is no longer what it was. */
  readonly orphans: Map<string, FilePosition>
}

async function findRenamed({ files, unknown, root, orphans }: Renames): Promise<void> {
  for (const index of unknown) {
    const now = itemAt(files, index)
    const { path, size, head } = now
    for (const orphan of orphans.values()) {
      if (orphan.size > size || orphan.size === 0) continue
      // Both heads cover the same bytes: comparing them spares opening the file for each orphan.
      if ((orphan.size >= IDENTITY_BYTES || orphan.size === size) && orphan.head !== head) continue
      if (!(await readable(path, continues(join(root, path), orphan)))) continue
      files[index] = positionFrom(orphan, path, now)
      orphans.delete(orphan.path)
      break
    }
  }
}

function positionFrom(before: FilePosition | null, path: string, now: SeenFile): SeenPosition {
  if (before === null) return { path, ...now, offset: 0, records: 0, done: now.size === 0 }
  return {
    path,
    ...now,
    offset: before.offset,
    records: before.records,
    done: before.done && now.size === before.size,
  }
}
