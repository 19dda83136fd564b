/** Names whose values are hidden in the project file, where secrets belong. */
const IN_PROJECT = '(?:key|token|secret|password|passwd|pwd|credential|auth|dsn|value)'
/**
 * The same in other files, where many a trait is called a value, and keys of maps are no secrets.
 */
const ELSEWHERE =
  '(?:(?<![a-z])(?:api|access|private|partner|import|rest)[-_ ]?key|(?<![a-z_-])key(?=["\'\\s:])|token|secret|password|passwd|pwd|credential|auth(?:orization)?(?![a-z])|dsn(?![a-z]))'
/**
 * What may follow a quoted value; anything else means that a quote is wrong, and everything is
 * hidden.
 */
const AFTER_VALUE = '(?=[ \\t]*(?:[,}\\]#]|$))'
const BLOCK_MARK = '(?![|>][-+0-9]*[ \\t]*$)'

interface Masks {
  /** A key that reads like a secret, and its value. */
  readonly value: RegExp
  /** A line whose value stands on the next one. */
  readonly below: RegExp
}

function masksFor(names: string, notBefore: string): Masks {
  const name = `${names}[^\\s:]*[ \\t]*`
  return {
    value: new RegExp(
      `(${name}:[ \\t]*)("(?:[^"\\\\]|\\\\.)*"${AFTER_VALUE}|'[^']*'${AFTER_VALUE}|${BLOCK_MARK}${notBefore}\\S.*)`,
      'gi',
    ),
    below: new RegExp(`${name}:?[ \\t]*(?:[|>][-+0-9]*)?[ \\t]*$`, 'i'),
  }
}

const PROJECT_MASKS = masksFor(IN_PROJECT, '')
const OTHER_MASKS = masksFor(ELSEWHERE, '(?![{[])')
const REFERENCE = /^["']?\$\{(?:[A-Za-z_]\w*|file:[^}]+)\}/
/** A line that ends with a whole reference says nothing about the next one. */
const ANY_REFERENCE_END = /\$\{(?:[A-Za-z_]\w*|file:[^}]+)\}["']?[ \t}]*$/
const URL_USER = /(:\/\/)([^\s/@]+)(?=@)/g
/** The same where the address is broken. */
const BEFORE_HOST = /(:)([^\s:@/]+)(?=@)/g
/** What stands behind the `?` of an address. */
const URL_QUERY = /(:\/\/[^\s?"']*\?)([^\s"'}\]]+)/g

const stars = (secret: string) => '*'.repeat(secret.length)

/**
 * Hides what may be a secret in one line of a file, so that no diagnostic repeats it.
 *
 * Shape: a line and the line above in, a line of the same length out. Works on text, so that it
 * holds where the YAML is broken too; hides too much rather than too little, in the project file
 * most of all.
 */
export function maskSecrets(line: string, lineAbove: string, isProject: boolean): string {
  const { value, below } = isProject ? PROJECT_MASKS : OTHER_MASKS
  const hide = (_: string, before: string, secret: string) => before + stars(secret)
  const masked = line.replace(URL_USER, hide).replace(URL_QUERY, hide).replace(BEFORE_HOST, hide)
  const isBelow = below.test(lineAbove)
  if (isBelow && !ANY_REFERENCE_END.test(lineAbove) && !REFERENCE.test(masked.trim()))
    return masked.replace(/\S.*/, stars)
  return masked.replace(value, (all, before: string, secret: string) => {
    if (!REFERENCE.test(secret)) return before + stars(secret)
    return all.startsWith('"') ? all : before + maskAfterReference(secret, isProject)
  })
}

/** An unquoted value runs to the end of the line, which may hold further keys. */
function maskAfterReference(rest: string, isProject: boolean): string {
  const end = rest.indexOf('}') + 1
  return end === 0 ? rest : rest.slice(0, end) + maskSecrets(rest.slice(end), '', isProject)
}
