import { Converter, ReflectionKind } from 'typedoc'

/** Names each package in the reference as its folder is named: TypeDoc would say `core/src`. */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_, declaration) => {
    if (declaration.kindOf(ReflectionKind.Module))
      declaration.name = declaration.name.replace(/^.*packages\/|\/src$/g, '')
  })
}
