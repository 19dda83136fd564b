import type { DefaultTheme } from 'vitepress'

const PACKAGES = ['runner', 'segment', 'braze', 'braze-simulator', 'core', 'contract']

/** The pages by what somebody wants to do; the same order as in docs/README.md. */
export function sidebar(): DefaultTheme.Sidebar {
  return [
    group('Start', [
      ['Overview', '/overview'],
      ['Tutorial', '/tutorial'],
      ['Installing', '/install'],
      ['Questions', '/faq'],
    ]),
    group('Move', [
      ["From Segment's destinations", '/from-segment'],
      ['From Hightouch', '/from-hightouch'],
      ['From Census', '/from-census'],
    ]),
    group('Write syncs', [
      ['Configuration', '/config'],
      ['Filters', '/filters'],
      ['Sources', '/sources'],
      ['Errors', '/errors'],
    ]),
    group('Run them', [
      ['Operating', '/operating'],
      ['At 3 a.m.', '/on-call'],
      ['In CI', '/ci'],
      ['Serving', '/serving'],
      ['Scaling', '/scaling'],
      ['Upgrading', '/upgrading'],
      ['State', '/state'],
      ['Guarantees', '/guarantees'],
      ["Braze's limits", '/braze-limits'],
      ['Performance', '/performance'],
    ]),
    group('Change the code', [
      ['Architecture', '/architecture'],
      ['Glossary', '/glossary'],
      ['Decisions', '/adr/'],
    ]),
    group(
      'Reference of the packages',
      PACKAGES.map((name) => [name, `/reference/${name}/`]),
    ),
  ]
}

function group(
  text: string,
  pages: readonly (readonly [text: string, link: string])[],
): DefaultTheme.SidebarItem {
  return { text, items: pages.map(([name, link]) => ({ text: name, link })) }
}
