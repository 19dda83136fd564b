import { join } from 'node:path'
import { IDENTITY_BYTES } from '../limits.ts'
import { continues, identify } from './identity.ts'
import type { FilePosition } from './position.ts'

/**
 * Where each file stands, given where the last reading stopped.
 *
 * Shape: one position a file, in the order of `paths`. A file that grew goes on where it was; one that was renamed
 * (rotated) is known by its content; one that was rewritten or shortened, and a new one, start at 0. Files that are
 * gone are forgotten.
 */
export async function resumeFiles(
  paths: readonly string[],
  root: string,
  before: readonly FilePosition[],
): Promise<readonly FilePosition[]> {
  const known = new Map(before.map((position) => [position.path, position]))
  const files: FilePosition[] = []
  const unknown: number[] = []
  for (const path of paths) {
    const position = known.get(path)
    if (position !== undefined && (await continues(join(root, path), position))) {
      known.delete(path)
      files.push(await withIdentity(position, path, root))
      continue
    }
    unknown.push(files.length)
    files.push(await withIdentity(null, path, root))
  }
  await findRenamed({ files, unknown, root, orphans: known })
  return files
}

interface Renames {
  readonly files: FilePosition[]
  readonly unknown: readonly number[]
  readonly root: string
  /** Positions whose file is gone, or is no longer what it was. */
  readonly orphans: Map<string, FilePosition>
}

async function findRenamed({ files, unknown, root, orphans }: Renames): Promise<void> {
  for (const index of unknown) {
    const { path, size, head } = files[index]
    for (const orphan of orphans.values()) {
      if (orphan.size > size || orphan.size === 0) continue
      // Both heads cover the same bytes: comparing them spares opening the file for each orphan.
      if ((orphan.size >= IDENTITY_BYTES || orphan.size === size) && orphan.head !== head) continue
      if (!(await continues(join(root, path), orphan))) continue
      files[index] = await withIdentity(orphan, path, root)
      orphans.delete(orphan.path)
      break
    }
  }
}

async function withIdentity(position: FilePosition | null, path: string, root: string): Promise<FilePosition> {
  const now = await identify(join(root, path))
  if (position === null) return { path, ...now, offset: 0, records: 0, done: now.size === 0 }
  return { path, ...now, offset: position.offset, records: position.records, done: position.done && now.size === position.size }
}
