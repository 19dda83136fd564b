import { useRoute } from 'vitepress'
import type { Theme } from 'vitepress'
import DefaultTheme from 'vitepress/theme'
import { nextTick, onMounted, watch } from 'vue'
import './theme.css'

/** VitePress's own theme, in our colours, and with what axe finds missing there. */
export default {
  extends: DefaultTheme,
  setup() {
    const route = useRoute()
    onMounted(putRight)
    watch(
      () => route.path,
      () => void nextTick(putRight),
    )
  },
} satisfies Theme

function putRight(): void {
  // The home page and the one for no page have no main part, and the search button another name than the one that is read on it.
  document.querySelector('.VPHome, .NotFound')?.setAttribute('role', 'main')
  document.querySelector('.DocSearch-Button')?.removeAttribute('aria-label')
  for (const block of document.querySelectorAll('.vp-doc table, .vp-doc pre'))
    block.setAttribute('tabindex', '0')
}
