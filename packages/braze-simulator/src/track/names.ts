import { LIMITS } from '../specification/index.ts'
import { characterCount } from '../values/index.ts'

/**
 * Whether Braze stores an attribute or event of this name.
 *
 * Documented for SDKs; that REST does the same is our reading.
 *
 * @see https://www.braze.com/docs/user_guide/data/activation/custom_data/custom_attributes/
 */
export function isName(name: string): boolean {
  return name !== '' && characterCount(name) <= LIMITS.textLength && !name.startsWith('$')
}
