import type { Json, UserRef } from '@engage-sync/core'
import type { Difference, Verification } from '../../engine/index.ts'
import { countOf } from '../text/numbers.ts'
import { alignRows } from '../text/table.ts'

/** Whether the destination holds all that was delivered to those who were looked at. */
export function isSame({ missing, mappings }: Verification): boolean {
  return missing === 0 && mappings.every(({ different }) => different === 0)
}

/** What is told of a verification, and what comes of it. */
export interface VerificationChoice {
  /** Who differs, and in what, which is personal data. Default false. */
  readonly showValues?: boolean
  /** Those who differ are sent again next. Default false. */
  readonly repair?: boolean
}

/** What `verify` says to a person. */
export function renderVerification(
  verification: Verification,
  { showValues = false, repair = false }: VerificationChoice,
): string {
  const { users, sampled, missing, mappings, differences } = verification
  const lines = [`Compared ${countOf(sampled, 'user')} of ${users} with what Braze exports.`]
  if (missing > 0) lines.push(`Braze does not know ${countOf(missing, 'user')} of them.`)
  for (const { mapping, compared, different } of mappings) {
    lines.push(
      different === 0
        ? `  same      ${mapping} · ${compared}`
        : `  different ${mapping} · ${different} of ${compared}`,
    )
  }
  if (isSame(verification)) return `${lines.join('\n')}\n`
  if (showValues)
    lines.push('', ...alignRows(differences.map(differenceCells), []).map((line) => `  ${line}`))
  lines.push(
    '',
    `Someone else may have changed these, or Braze may have dropped them.${showValues ? '' : ' `--show-values` says who and what.'}`,
  )
  if (!repair)
    lines.push(
      '`engage-sync verify --repair` sends those who differ again, `engage-sync run --resend MAPPING` all of one.',
    )
  return `${lines.join('\n')}\n`
}

/** The same as data: version 1, extended, never renamed. */
export function verificationJson(
  { differences, ...told }: Verification,
  withValues: boolean,
): object {
  if (!withValues) return { version: 1, ...told }
  return {
    version: 1,
    ...told,
    differences: differences.map(({ user, ...rest }) => ({ user: nameOf(user), ...rest })),
  }
}

/** By which `--only` finds a user. */
export function nameOf(user: UserRef): string {
  return 'externalId' in user ? user.externalId : user.alias.name
}

function differenceCells({ user, mapping, delivered, holds }: Difference): readonly string[] {
  if (mapping === null) return [nameOf(user), '', 'not known to Braze']
  return [
    nameOf(user),
    mapping,
    `delivered ${text(delivered, 'another value')}, holds ${text(holds, 'nothing')}`,
  ]
}

function text(value: Json | undefined, unknown: string): string {
  return value === undefined || value === null ? unknown : JSON.stringify(value)
}
