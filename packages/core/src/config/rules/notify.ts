import type { NotifyConfig } from '../../schema/notify.ts'
import { referencesIn } from '../secrets/references.ts'
import { isLoopback } from './endpoint.ts'
import type { LoadedProject, Rule } from './rule.ts'

/** Each alert says where it goes, once. */
export const checkNotify: Rule = ({ project }) => {
  if (project === null) return
  for (const [name, { notify = [] }] of Object.entries(project.config.environments)) {
    for (const [at, target] of notify.entries())
      checkTarget(project, ['environments', name, 'notify', at], target)
  }
}

function checkTarget(
  { document }: LoadedProject,
  path: readonly (string | number)[],
  { slack, webhook, secret }: NotifyConfig,
): void {
  if (document.isDamaged(path)) return
  const report = (place: readonly (string | number)[], message: string, hint: string): void =>
    document.report('NOTIFY_TARGET', document.rangeOf(place), { message, hint })
  if (slack === undefined && webhook === undefined)
    return report(path, '"notify" needs "slack" or "webhook"', 'E.g. `slack: "${SLACK_URL}"`.')
  if (slack !== undefined && webhook !== undefined)
    return report(
      [...path, 'webhook'],
      '"notify" says both "slack" and "webhook"',
      'Make two of it, one for each.',
    )
  if (slack !== undefined && secret !== undefined)
    return report([...path, 'secret'], 'Slack takes no "secret"', 'Leave it out.')
  if (webhook === undefined || referencesIn(webhook).length > 0 || isAllowed(webhook)) return
  report(
    [...path, 'webhook'],
    '"webhook" must be an https URL; plain http is for this machine only',
    'E.g. `https://alerts.acme.com/engage-sync`, or a reference.',
  )
}

function isAllowed(address: string): boolean {
  const url = URL.parse(address)
  if (url === null) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(address))
}
