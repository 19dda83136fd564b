import { posix } from 'node:path'
import type { FileKind } from '@engage-sync/core'

/**
 * The line by which editors with the YAML language server find the schema of a file: that of the installed package, so
 * that it is of the version that reads the file.
 *
 * Shape: one comment with its line end.
 *
 * @param path - of the file, below the directory the package is installed in
 * @see https://github.com/redhat-developer/yaml-language-server#using-inlined-schema
 */
export function schemaLine(kind: FileKind, path: string): string {
  const schema = posix.join(INSTALLED, `${kind}.json`)
  const way = posix.relative(posix.dirname(posix.join('/', path)), posix.join('/', schema))
  return `# yaml-language-server: $schema=${way.startsWith('.') ? way : `./${way}`}\n`
}

const INSTALLED = 'node_modules/@engage-sync/core/schema'
