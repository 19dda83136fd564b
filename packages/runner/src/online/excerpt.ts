import type { ConfigFile, SourceRange } from '@engage-sync/core'

/** The line of a file that a range begins in. */
export function excerptAt(files: readonly ConfigFile[], { path, line }: SourceRange): string {
  const text = files.find((file) => file.path === path)?.text ?? ''
  return text.split(/\r?\n/)[line - 1] ?? ''
}
