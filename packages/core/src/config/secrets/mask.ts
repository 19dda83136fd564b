const SECRET_NAME = '(?:key|token|secret|password|credential|auth|value)[^\\s:]*[ \\t]*'
const SECRET_KEY = `${SECRET_NAME}:`
/** What may follow a quoted value; anything else means that a quote is wrong, and everything is hidden. */
const AFTER_VALUE = '(?=[ \\t]*(?:[,}\\]#]|$))'
const BLOCK_MARK = '(?![|>][-+0-9]*[ \\t]*$)'
const SECRET_VALUE = new RegExp(
  `(${SECRET_KEY}[ \\t]*)("(?:[^"\\\\]|\\\\.)*"${AFTER_VALUE}|'[^']*'${AFTER_VALUE}|${BLOCK_MARK}\\S.*)`,
  'gi',
)
const SECRET_BELOW = new RegExp(`${SECRET_NAME}:?[ \\t]*(?:[|>][-+0-9]*)?[ \\t]*$`, 'i')
const REFERENCE = /^["']?\$\{(?:[A-Za-z_]\w*|file:[^}]+)\}/
const URL_PASSWORD = /(:\/\/[^\s/:@]*:)(\S+)(?=@)/g
/** The same where the address is broken. */
const BEFORE_HOST = /(:)([^\s:@/]+)(?=@)/g

const stars = (secret: string) => '*'.repeat(secret.length)

/**
 * Hides what may be a secret in one line of the project file, so that no diagnostic repeats it.
 *
 * Shape: a line and the line above in, a line of the same length out. Works on text, so that it holds where the YAML is
 * broken too; hides too much rather than too little.
 */
export function maskSecrets(line: string, lineAbove: string): string {
  const hide = (_: string, before: string, secret: string) => before + stars(secret)
  const masked = line.replace(URL_PASSWORD, hide).replace(BEFORE_HOST, hide)
  if (SECRET_BELOW.test(lineAbove) && !REFERENCE.test(masked.trim())) return masked.replace(/\S.*/, stars)
  return masked.replace(SECRET_VALUE, (all, before: string, secret: string) => {
    if (!REFERENCE.test(secret)) return before + stars(secret)
    return all.startsWith('"') ? all : before + maskAfterReference(secret)
  })
}

/** An unquoted value runs to the end of the line, which may hold further keys. */
function maskAfterReference(rest: string): string {
  const end = rest.indexOf('}') + 1
  return end === 0 ? rest : rest.slice(0, end) + maskSecrets(rest.slice(end), '')
}
