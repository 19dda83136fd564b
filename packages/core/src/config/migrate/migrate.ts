import { isScalar, parseDocument } from 'yaml'
import type { Document } from 'yaml'
import { CONFIG_VERSION } from '../../schema/vocabulary.ts'
import { inNaturalOrder } from '../../names/index.ts'
import { compareDiagnostics } from '../document/diagnostics.ts'
import type { Diagnostic } from '../document/diagnostics.ts'
import { kindOfFile } from '../document/file-kind.ts'
import type { ConfigFile } from '../document/file-kind.ts'
import { parseConfig } from '../document/parse.ts'
import { checkVersion } from '../shape/shape.ts'
import type { Migration } from './migration.ts'
import { FROM_VERSION_0 } from './version-0.ts'

/** One step for each version there was; together they lead to the present one. */
const MIGRATIONS: readonly Migration[] = [FROM_VERSION_0]

/** A file after migration. */
export interface MigratedFile extends ConfigFile {
  /** The version it had. */
  readonly from: number
  /** What was rewritten, in words; the version itself is not named. */
  readonly changes: readonly string[]
}

/** What migrating a directory gives. */
export interface MigrationResult {
  /** The files that changed, by path; all others are as new as can be. */
  readonly migrated: readonly MigratedFile[]
  /** Files that cannot be read, or that are newer than this engage-sync, and were left alone. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Rewrites files of older versions of the language.
 *
 * Shape: files in, those that change out, comments, order and quotes kept. Pure. What cannot be
 * read is reported and left alone; a second call on the result changes nothing.
 */
export function migrateConfig(files: readonly ConfigFile[]): MigrationResult {
  const migrated: MigratedFile[] = []
  const diagnostics: Diagnostic[] = []
  for (const file of files.toSorted((a, b) => inNaturalOrder(a.path, b.path))) {
    const parsed = parseConfig(file.path, file.text)
    const version = versionIn(parsed.value)
    if (parsed.value !== undefined && version !== null && version < CONFIG_VERSION) {
      const changed = migrateFile(file, version)
      if (changed !== null) migrated.push(changed)
    } else {
      if (version !== null) checkVersion(parsed)
      diagnostics.push(...parsed.diagnostics)
    }
  }
  return { migrated, diagnostics: diagnostics.toSorted(compareDiagnostics) }
}

function versionIn(value: unknown): number | null {
  const version =
    typeof value === 'object' && value !== null && 'version' in value ? value.version : null
  return typeof version === 'number' && Number.isInteger(version) ? version : null
}

function migrateFile(file: ConfigFile, from: number): MigratedFile | null {
  const steps = MIGRATIONS.filter((migration) => migration.from >= from)
  if (!steps.some((step) => step.from === from)) return null
  const hasReturns = file.text.includes('\r\n')
  const document: Document = parseDocument(file.text.replaceAll('\r\n', '\n'), { merge: false })
  const changes = steps.flatMap(({ rewrite }) => rewrite(document, kindOfFile(file.path)))
  setVersion(document)
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: true })
  return { path: file.path, text: hasReturns ? text.replaceAll('\n', '\r\n') : text, from, changes }
}

/** Changes the number alone, so that what stands around it stays. */
function setVersion(document: Document): void {
  const version = document.get('version', true)
  if (isScalar(version)) {
    version.value = CONFIG_VERSION
    delete version.source
  } else document.set('version', CONFIG_VERSION)
}
