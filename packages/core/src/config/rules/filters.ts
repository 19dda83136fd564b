import { checkFilter } from '../../filter/check.ts'
import type { FilterFinding } from '../../filter/finding.ts'
import { filterScopes } from '../../filter/scope.ts'
import { conditionsOf, eventOperatorsIn, operatorsIn } from '../../filter/written.ts'
import type { NormalisedSegment } from '../../model/mapping.ts'
import type { ConfigPath } from '../../model/source-range.ts'
import type { ConfigDocument } from '../document/document.ts'
import { kindOfFile } from '../document/file-kind.ts'
import type { Rule, RuleContext } from './rule.ts'

/** Findings that are certain only when every sync could be read in full. */
const NEEDS_ALL_SYNCS: ReadonlySet<string> = new Set(['FILTER_UNKNOWN_KEY', 'FILTER_EVENT_UNKNOWN'])

/**
 * The filters of segments refer to what exists, compare what can be compared, and can come true.
 */
export const checkFilters: Rule = (context) => {
  const isWhole = areSyncsWhole(context)
  const timeZone =
    context.environment === null ? {} : { timeZone: context.environment.braze.companyTimeZone }
  const enabled = context.syncs.filter(({ sync }) => sync.enabled).map(({ sync }) => sync)
  const scopeOfEnabled = filterScopes({ syncs: enabled, ...timeZone })
  for (const loaded of context.syncs) {
    const scopeOf = loaded.sync.enabled
      ? scopeOfEnabled
      : filterScopes({ syncs: [...enabled, loaded.sync], ...timeZone })
    for (const segment of loaded.sync.segments.values()) {
      const path = ['segments', segment.key, 'when']
      if (loaded.document.isDamaged(path) || reportTwice(loaded.document, segment, path)) continue
      for (const finding of checkFilter(segment.when, scopeOf(segment, loaded.sync))) {
        if (isWhole || !NEEDS_ALL_SYNCS.has(finding.code))
          reportFinding(loaded.document, finding, path)
      }
    }
  }
}

/** Whether nothing was left out of any sync, so that what is missing is missing. */
function areSyncsWhole({ documents, syncs }: RuleContext): boolean {
  const files = documents.filter(({ path }) => kindOfFile(path) === 'sync').length
  return files === syncs.length && syncs.every(({ document }) => !document.isPartial)
}

/** Reports conditions with several operators; what they mean together is then left open. */
function reportTwice(
  document: ConfigDocument,
  segment: NormalisedSegment,
  path: ConfigPath,
): boolean {
  let found = false
  for (const placed of conditionsOf(segment.when)) {
    const operators: readonly string[] =
      placed.type === 'trait'
        ? operatorsIn(placed.condition)
        : placed.type === 'event'
          ? eventOperatorsIn(placed.condition)
          : []
    if (operators.length < 2) continue
    const [, second = ''] = Object.keys(placed.condition).filter((key) => operators.includes(key))
    found = true
    document.report(
      'FILTER_OPERATOR_TWICE',
      document.rangeOf([...path, ...placed.path, second], 'key'),
      {
        message: `a condition has one operator, this one has ${operators.length}: ${operators.join(', ')}`,
        hint: 'Write one condition each, joined by `all`.',
      },
    )
  }
  return found
}

function reportFinding(
  document: ConfigDocument,
  finding: FilterFinding,
  filterPath: ConfigPath,
): void {
  const { code, message, path, offset, length } = finding
  const place = [...filterPath, ...path]
  const range =
    offset === undefined
      ? document.rangeOf(place)
      : document.rangeInside(place, offset, offset + Math.max(1, length ?? 1))
  const hint = finding.hint?.replace(`'${finding.number}'`, () => `'${document.sourceOf(place)}'`)
  document.report(code, range, { message, ...(hint !== undefined && { hint }) })
}
