import type { ConfigPath } from '../../model/source-range.ts'
import type { FileKind } from '../../schema/kinds.ts'
import { CONFIG_VERSION } from '../../schema/vocabulary.ts'
import type { ConfigDocument } from '../document/document.ts'
import { quote } from '../secrets/quote.ts'
import { explainShape } from './explain.ts'
import type { ShapeError } from './shape-error.ts'
import { ShapeValidator } from './validate.ts'

const MAX_REPAIRS = 50

/**
 * Reports what the schema does not like, and returns what is left of the value without it.
 *
 * Shape: undefined when nothing usable is left. The document is marked partial when something was
 * left out.
 */
export function checkShape(document: ConfigDocument, kind: FileKind): unknown {
  if (document.value === undefined) return undefined
  if (!checkVersion(document)) return undefined
  const validator = new ShapeValidator(kind)
  let errors = validator.validate(document.value)
  for (const error of errors) explainShape({ document, validator }, error)
  const value = errors.length === 0 ? document.value : structuredClone(document.value)
  for (let repairs = 0; errors.length > 0; repairs += 1) {
    if (repairs === MAX_REPAIRS || !errors.every((error) => cutOut(document, value, error)))
      return undefined
    errors = validator.validate(value)
  }
  return value
}

/** The version comes first: what a newer engage-sync wrote, an older one must not judge. */
export function checkVersion(document: ConfigDocument): boolean {
  const { value } = document
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'version')) return true
  const version = (value as { version: unknown }).version
  if (typeof version !== 'number' || !Number.isInteger(version) || version === CONFIG_VERSION)
    return true
  const isNewer = version > CONFIG_VERSION
  document.report(
    isNewer ? 'CONFIG_VERSION_NEWER' : 'CONFIG_VERSION_OLDER',
    document.rangeOf(['version']),
    {
      message: `this engage-sync speaks version ${CONFIG_VERSION} of the configuration, the file is version ${quote(version)}`,
      hint: isNewer ? 'Update engage-sync.' : 'Run `engage-sync migrate`; it keeps comments.',
    },
  )
  return false
}

/** Takes the wrong part out of a value. False when that would be the whole. */
function cutOut(document: ConfigDocument, value: unknown, error: ShapeError): boolean {
  const path: ConfigPath =
    error.keyword === 'additionalProperties'
      ? [...error.path, String(error.params.additionalProperty)]
      : error.path
  let parent = value as Record<string, unknown>
  let cut: { from: Record<string, unknown>; key: string } | null = null
  for (const step of path) {
    if (typeof parent !== 'object' || parent === null) break
    if (!Array.isArray(parent)) cut = { from: parent, key: String(step) }
    parent = parent[step] as Record<string, unknown>
  }
  if (cut === null) return false
  document.markDamaged(path)
  delete cut.from[cut.key]
  return true
}
