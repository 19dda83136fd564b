import { defineConfig } from 'vitepress'
import type { Plugin } from 'vitepress'
import { linksOfTheRepository, MOVED_PAGES } from './links.ts'
import { byPlace, searchText } from './search.ts'
import { sidebar } from './sidebar.ts'
import { slugOfGitHub } from './slug.ts'

const REPOSITORY = 'https://github.com/engage-sync/engage-sync'
/** Where the site is published below its host. A preview elsewhere sets another one. */
const BASE = process.env['SITE_BASE'] ?? '/engage-sync/'

/** The site: `docs/` as it is, and what TypeDoc makes of the packages. */
export default defineConfig({
  lang: 'en',
  title: 'engage-sync',
  description: 'Segment Engage to Braze, from YAML in git: validated, planned, and sent once.',
  base: BASE,
  srcDir: '..',
  srcExclude: ['site/node_modules/**', 'site/README.md'],
  outDir: './dist',
  cacheDir: './node_modules/.cache/vitepress',
  cleanUrls: true,
  metaChunk: true,
  transformPageData(page) {
    // What is written by a program is not edited by hand.
    if (page.relativePath.startsWith('reference/')) page.frontmatter['editLink'] = false
  },
  rewrites: {
    ...MOVED_PAGES,
    'site/generated/reference/:rest*': 'reference/:rest*',
  },
  vite: {
    plugins: [vueOfThisPackage()],
    build: { chunkSizeWarningLimit: 4096 },
  },
  head: [['link', { rel: 'icon', href: ICON() }]],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    anchor: { slugify: slugOfGitHub },
    toc: { slugify: slugOfGitHub },
    config: (md) => linksOfTheRepository(md, REPOSITORY),
  },
  themeConfig: {
    outline: { level: [2, 3], label: 'On this page' },
    nav: [
      { text: 'Tutorial', link: '/tutorial' },
      { text: 'Configuration', link: '/config' },
      { text: 'FAQ', link: '/faq' },
      { text: 'Reference', link: '/reference/' },
    ],
    sidebar: sidebar(),
    search: {
      provider: 'local',
      options: { _render: searchText, miniSearch: { searchOptions: { boostDocument: byPlace } } },
    },
    socialLinks: [{ icon: 'github', link: REPOSITORY, ariaLabel: 'Source on GitHub' }],
    editLink: {
      pattern: `${REPOSITORY}/edit/main/docs/:path`,
      text: 'Edit this page',
    },
    notFound: {
      title: 'There is no such page',
      quote: 'Ask the search, or begin on the first page.',
      linkText: 'To the first page',
      linkLabel: 'To the first page',
    },
    footer: { message: 'Apache-2.0. Nothing you do here is told to anybody.' },
  },
})

/** Two lines that become one, as a picture in the address. */
function ICON(): string {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M4 8h9l6 16h9M4 24h9l6-16h9" fill="none" stroke="#0f766e" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/></svg>'
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}

/** The pages lie above this package, where nobody finds Vue; what is made of them lies here, where Node does. */
function vueOfThisPackage(): Plugin {
  return {
    name: 'vue-of-this-package',
    enforce: 'pre',
    resolveId(source, _, options) {
      return options.ssr === true && /^vue(\/|$)/.test(source)
        ? { id: source, external: true }
        : null
    },
  }
}
