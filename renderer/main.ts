import { mount } from 'svelte'
import App from './App.svelte'
import { connectApi } from './api'
import { runCommand } from './commands'
import { leavingPage } from './editor/extension'
import { showSettings } from './features/settings/appearance'
import { AppState } from './state/app-state.svelte'
import { furtherCommand } from './window-keys'
import '@fontsource-variable/inter'
import '@fontsource-variable/source-serif-4'
import '@fontsource-variable/source-serif-4/wght-italic.css'
import 'katex/dist/katex.min.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/text.css'
import './styles/live.css'
import './styles/links.css'
import './styles/blocks.css'
import './styles/find.css'
import './styles/folding.css'
import './styles/hands.css'

const app = new AppState(connectApi(), runCommand)

/** Reports uncaught errors; the window keeps running, and saved edits stay saved. */
const tellError = () =>
  app.toasts.fail(
    'Something in this window went wrong. Your saved text is safe. If it goes on, start Swarmpad again.',
  )
window.addEventListener('error', tellError)
window.addEventListener('unhandledrejection', tellError)

app.settings.watch((settings) => showSettings(settings, document.documentElement))
window.addEventListener('keydown', (event) => {
  const command = furtherCommand(event, /^Mac/.test(navigator.platform))
  if (command === null) return
  event.preventDefault()
  app.run(command)
})

let handedOver = false
/** The last edits are handed over before the window closes; the main process ends one that takes too long. */
window.addEventListener('beforeunload', (event) => {
  if (handedOver) return
  window.dispatchEvent(new Event(leavingPage))
  if (!app.navigation.panes.pending) return
  event.preventDefault()
  void app.stop().finally(() => {
    handedOver = true
    // Not within this event: Chromium ignores a close while it asks whether to.
    setTimeout(() => window.close(), 0)
  })
})

const target = document.querySelector('#app')
if (target) mount(App, { target, props: { app } })
void app.start()
