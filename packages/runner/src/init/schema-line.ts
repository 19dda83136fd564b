import { dirname, join, relative, resolve, sep } from 'node:path'
import type { FileKind } from '@engage-sync/core'

/**
 * The line by which editors with the YAML language server find the schema of a file: that of the installed package, so
 * that it is of the version that reads the file.
 *
 * Shape: one comment with its line end.
 *
 * @param path - of the file, as it was named: below the directory, above it or absolute
 * @param cwd - absolute; the directory the package is installed in
 * @see https://github.com/redhat-developer/yaml-language-server#using-inlined-schema
 */
export function schemaLine(kind: FileKind, path: string, cwd: string): string {
  const schema = join(cwd, INSTALLED, `${kind}.json`)
  const way = relative(dirname(resolve(cwd, path)), schema).replaceAll(sep, '/')
  return `# yaml-language-server: $schema=${/^\.|^\/|^[A-Za-z]:/.test(way) ? way : `./${way}`}\n`
}

const INSTALLED = join('node_modules', '@engage-sync', 'core', 'schema')
