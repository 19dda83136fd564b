import { listSecrets, resolveSecrets } from '@engage-sync/core'
import { countOf } from '../output/text/numbers.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { fine, worthKnowing } from './finding.ts'
import type { Finding } from './finding.ts'

/** Whether those of `notify:` can be told; nobody is. A run works without them. */
export function checkAlerts({ environment, secrets }: OpenEnvironment): readonly Finding[] {
  const { notify } = environment
  if (notify.length === 0) return []
  const missing = listSecrets(notify).filter((reference) => {
    try {
      resolveSecrets(reference, secrets)
      return false
    } catch {
      return true
    }
  })
  if (missing.length === 0) {
    const who = countOf(notify.length, 'receiver')
    return [fine('alerts', `${who} to be told; \`engage-sync notify test\` tries them`)]
  }
  const message = `Not all can be told: nothing stands for ${missing.join(', ')}`
  return [worthKnowing('alerts', message, 'Runs work without; set it where they run.')]
}
