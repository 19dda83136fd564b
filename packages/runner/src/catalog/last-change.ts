import { execFileSync } from 'node:child_process'
import { dirname, resolve } from 'node:path'
import type { NormalisedSync, SourceRange } from '@engage-sync/core'
import { mappingsById } from '../plan/braze-names.ts'

/** When something was changed last, by which commit. */
export interface LastChange {
  /** ISO 8601. */
  readonly at: string
  /** Null: it is not committed. */
  readonly commit: string | null
}

const TIMEOUT_MS = 30_000
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

/**
 * When the lines of each mapping were changed last, as git tells it.
 *
 * Shape: by mapping id. Where there is no git, no repository, or a clone that holds the latest commits alone, what is
 * not known is left out.
 *
 * @param root - what the paths of the files start at
 */
export function lastChanges(
  syncs: readonly NormalisedSync[],
  root: string,
): ReadonlyMap<string, LastChange> {
  const found = new Map<string, LastChange>()
  for (const sync of syncs) {
    const lines = blame(resolve(root, sync.path))
    for (const { id, keyRange, range } of mappingsById([sync]).values()) {
      const change = latestOf(lines, { from: keyRange.line, to: lastLine(range) })
      if (change !== null) found.set(id, change)
    }
  }
  return found
}

function lastLine({ line, endLine, endColumn }: SourceRange): number {
  return endColumn === 1 && endLine > line ? endLine - 1 : endLine
}

function latestOf(
  lines: ReadonlyMap<number, LastChange | null>,
  { from, to }: { readonly from: number; readonly to: number },
): LastChange | null {
  let latest: LastChange | null = null
  for (let line = from; line <= to; line++) {
    const change = lines.get(line) ?? null
    if (change === null) return null
    if (change.commit === null) return change
    if (latest === null || change.at > latest.at) latest = change
  }
  return latest
}

/** By line; null where the clone does not go back that far. Empty where git knows nothing of the file. */
function blame(path: string): ReadonlyMap<number, LastChange | null> {
  const directory = dirname(path)
  try {
    const isShallow = git(['rev-parse', '--is-shallow-repository'], directory).trim() === 'true'
    const root = isShallow ? [] : ['--root']
    return readBlame(git(['blame', '--porcelain', ...root, '--', path], directory), isShallow)
  } catch {
    return new Map()
  }
}

/** Of lines that are in no commit yet. */
const UNCOMMITTED = /^0+$/

/** @see https://git-scm.com/docs/git-blame#_the_porcelain_format */
function readBlame(text: string, isShallow: boolean): ReadonlyMap<number, LastChange | null> {
  const times = new Map<string, string>()
  const ends = new Set<string>()
  const commits = new Map<number, string>()
  let commit = ''
  for (const line of text.split('\n')) {
    const head = /^([0-9a-f]{40,64}) \d+ (\d+)/.exec(line)
    if (head !== null) {
      commit = head[1] ?? ''
      commits.set(Number(head[2]), commit)
    } else if (line.startsWith('committer-time '))
      times.set(commit, new Date(Number(line.slice('committer-time '.length)) * 1000).toISOString())
    else if (line === 'boundary' && isShallow) ends.add(commit)
  }
  return new Map(
    [...commits].map(([line, id]) => [
      line,
      ends.has(id)
        ? null
        : { at: times.get(id) ?? '', commit: UNCOMMITTED.test(id) ? null : id.slice(0, 12) },
    ]),
  )
}

function git(args: readonly string[], cwd: string): string {
  return execFileSync('git', args, {
    cwd,
    maxBuffer: MAX_OUTPUT_BYTES,
    timeout: TIMEOUT_MS,
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  })
}
