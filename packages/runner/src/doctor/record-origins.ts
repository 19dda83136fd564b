import type { RecordOrigin } from '@engage-sync/core'
import { countOf } from '../output/text/numbers.ts'
import { fine, worthKnowing } from './finding.ts'
import type { Finding } from './finding.ts'

/** What a source believes beside what Engage marks, and of which space. */
export interface Believed {
  readonly spaceId: string | null
  readonly unmarked: boolean
}

/**
 * One finding a folder: whoever can write there is believed, so somebody should have seen the list.
 *
 * @param title - name of the source's own check
 */
export function originFindings(
  title: string,
  origins: readonly RecordOrigin[],
  believed: Believed,
): readonly Finding[] {
  return origins.map((origin) => {
    const files = origin.files === null ? '' : `${countOf(origin.files, 'file')}, `
    const message = `${origin.folder === '.' ? 'Here' : origin.folder}: ${files}${whoseRecords(origin)}`
    const hint = mistrust(origin, believed)
    return hint === null
      ? fine(`${title}, from`, message)
      : worthKnowing(`${title}, from`, message, hint)
  })
}

function whoseRecords({ spaces, looked, unmarked }: RecordOrigin): string {
  if (looked === 0) return 'no record'
  const parts = [
    ...(spaces.length > 0
      ? [`${spaces.length === 1 ? 'space' : 'spaces'} ${spaces.join(', ')}`]
      : []),
    ...(unmarked > 0
      ? [
          `${countOf(unmarked, 'record')} of ${looked.toLocaleString('en-US')} without Engage's mark`,
        ]
      : []),
  ]
  return parts.length > 0 ? parts.join('; ') : 'marked by Engage, no space named'
}

/**
 * What to do about a folder whose records are not, or not all, of the configured space; null where
 * all is as it should be.
 */
function mistrust(
  { folder, spaces, looked, unmarked }: RecordOrigin,
  believed: Believed,
): string | null {
  const others = spaces.filter((space) => believed.spaceId !== null && space !== believed.spaceId)
  if (others.length > 0) {
    return `Records of ${others.join(', ')} are skipped: the environment's space is ${believed.spaceId}. Name the folder of its Engage source alone.`
  }
  if (looked > 0 && unmarked === looked && !believed.unmarked) {
    return `Nothing of Engage was seen in ${folder === '.' ? 'it' : folder}: such records are skipped without \`trust: [unmarked]\`. Leave the folder out, if it is another source's.`
  }
  return null
}
