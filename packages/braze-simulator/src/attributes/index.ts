/**
 * How one attribute of a profile is written: types, arrays, objects, standard attributes, and
 * what is dropped in silence.
 */
export { setCustom } from './custom.ts'
export { isStandard, setStandard } from './standard.ts'
export { detectType } from './types.ts'
