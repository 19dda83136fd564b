import { hintFor } from '@engage-sync/contract'
import { isSimulator } from '../../model/environment.ts'
import type { NormalisedEnvironment } from '../../model/environment.ts'
import type { EnvironmentConfig } from '../../schema/project.ts'
import { isTimeZone } from '../../values/instant.ts'
import { endpointProblem, isLoopback } from './endpoint.ts'
import type { LoadedProject, Rule } from './rule.ts'

/** The environment asked for exists. */
export const checkEnvironmentExists: Rule = ({ project, options }) => {
  const wanted = options.environment
  if (project === null || wanted === undefined || project.project.environments.has(wanted)) return
  const { document } = project
  if (document.isDamaged(['environments', wanted])) return
  const hint = hintFor(wanted, [...project.project.environments.keys()])
  document.report('CONFIG_UNKNOWN_ENVIRONMENT', document.rangeOf(['environments'], 'key'), {
    message: `there is no environment "${wanted}"`,
    ...(hint !== undefined && { hint }),
  })
}

const ENVIRONMENT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/u

/** The state of an environment lies in a directory of its name. */
export const checkEnvironmentNames: Rule = ({ project: loaded }) => {
  if (loaded === null) return
  const { document, project } = loaded
  for (const name of project.environments.keys()) {
    if (ENVIRONMENT_NAME.test(name)) continue
    document.report('ENVIRONMENT_NAME', document.rangeOf(['environments', name], 'key'), {
      message: `"${name}" is no name for an environment`,
      hint: 'Use letters, digits, `-`, `_` and `.`, with a letter or digit first.',
    })
  }
}

/** Each environment says how to reach Braze. */
export const checkBraze: Rule = ({ project }) => {
  if (project === null) return
  for (const [name, { braze }] of Object.entries(project.config.environments)) {
    checkEndpoint(project, name, braze)
    const environment = project.project.environments.get(name)
    if (environment === undefined) continue
    checkKey(project, environment)
    checkTimeZone(project, environment)
  }
}

function checkEndpoint(
  { document }: LoadedProject,
  name: string,
  braze: EnvironmentConfig['braze'],
): void {
  const path = ['environments', name, 'braze']
  if (document.isDamaged([...path, 'endpoint']) || document.isDamaged([...path, 'instance'])) return
  if (braze.endpoint === undefined && braze.instance === undefined) {
    return document.report('BRAZE_ENDPOINT_MISSING', document.rangeOf(path, 'key'), {
      message: '"braze" needs "endpoint" or "instance"',
      hint: 'E.g. `instance: US-03`, or `endpoint: simulator`.',
    })
  }
  if (braze.endpoint !== undefined && braze.instance !== undefined) {
    return document.report('BRAZE_ENDPOINT_TWICE', document.rangeOf([...path, 'instance'], 'key'), {
      message: '"braze" says both "endpoint" and "instance"',
      hint: 'Keep one of them.',
    })
  }
  const problem = braze.endpoint === undefined ? null : endpointProblem(braze.endpoint)
  if (problem !== null)
    document.report('BRAZE_ENDPOINT_INVALID', document.rangeOf([...path, 'endpoint']), problem)
}

function checkKey({ document }: LoadedProject, { name, braze }: NormalisedEnvironment): void {
  const path = ['environments', name, 'braze']
  const needsKey = braze.endpoint !== '' && !isSimulator(braze) && !isLoopback(braze.endpoint)
  if (!needsKey || braze.apiKey !== null || document.isDamaged(path)) return
  document.report('BRAZE_KEY_MISSING', document.rangeOf(path, 'key'), {
    message: '"braze" needs "api_key"',
    hint: 'Add `api_key: "${BRAZE_API_KEY}"`; the key itself stays in the environment.',
  })
}

function checkTimeZone({ document }: LoadedProject, { name, braze }: NormalisedEnvironment): void {
  if (isTimeZone(braze.companyTimeZone)) return
  const hint =
    hintFor(braze.companyTimeZone, Intl.supportedValuesOf('timeZone')) ??
    'Use an IANA name such as `Europe/Berlin`.'
  document.report(
    'TIME_ZONE_UNKNOWN',
    document.rangeOf(['environments', name, 'braze', 'company_time_zone']),
    {
      message: `"${braze.companyTimeZone}" is no time zone`,
      hint,
    },
  )
}

const POSTGRES_URL = /^postgres(?:ql)?:\/\//iu

/** A state elsewhere is in PostgreSQL. What its address is instead is not repeated: it may be secret. */
export const checkState: Rule = ({ project: loaded }) => {
  if (loaded === null) return
  const { document, project } = loaded
  for (const { name, state } of project.environments.values()) {
    const url = state.url?.trim() ?? null
    const path = ['environments', name, 'state', 'url']
    if (url === null || url.startsWith('${') || document.isDamaged(path)) continue
    if (POSTGRES_URL.test(url)) continue
    document.report('STATE_URL_INVALID', document.rangeOf(path), {
      message: '"url" expects the `postgres://` address of a database',
      hint: 'Write `url: ${DATABASE_URL}`; leave `state.url` out to keep the state in a file beside the configuration.',
    })
  }
}

/** Guards that are a share of what cannot be more than all, and of what. */
const SHARES = [
  ['max_removals', 'members'],
  ['max_rejected', 'values'],
] as const

/** Guards are shares of a whole. */
export const checkGuards: Rule = ({ project }) => {
  if (project === null) return
  const { document, config } = project
  const places = Object.entries(config.environments).map(
    ([name, { guards }]) => [['environments', name], guards] as const,
  )
  for (const [place, guards] of [[[], config.guards] as const, ...places]) {
    for (const [option, whole] of SHARES) {
      const share = guards?.[option]
      if (share === undefined || Number.parseFloat(share) <= 100) continue
      document.report('GUARD_VALUE', document.rangeOf([...place, 'guards', option]), {
        message: `"${option}" is a share of the ${whole} and cannot pass 100%, got ${share}`,
        hint: 'Use `100%` to allow any.',
      })
    }
  }
}

/** Sources that ask Segment's API know how to reach it. */
export const checkSegmentAccess: Rule = ({ project }) => {
  if (project === null) return
  const { document } = project
  for (const { name, sources, segment } of project.project.environments.values()) {
    if (document.isDamaged(['environments', name, 'segment'])) continue
    for (const [source, config] of sources) {
      if (!('profile_api' in config) || (segment !== null && segment.profileApiToken !== null))
        continue
      document.report(
        'SOURCE_NEEDS_SEGMENT',
        document.rangeOf(['environments', name, 'sources', source], 'key'),
        {
          message: `source "${source}" asks the Profile API, but environment "${name}" has no "segment" with "profile_api_token"`,
          hint: 'Add `segment: { space_id: …, profile_api_token: "${SEGMENT_PROFILE_API_TOKEN}" }`.',
        },
      )
    }
  }
}
