import { type CommandOf, commands, type WindowCommandId } from '../preload/commands'
import { type Settings, textSizes } from '../preload/contract/settings'
import { focusPart } from './components/parts'
import { dialogs } from './features/dialogs'
import type { AppState } from './state/app-state.svelte'
import type { Dialog } from './state/navigation.svelte'

/** Carries out the commands of the window. */
const windowCommands: { readonly [Id in CommandOf<'window'>]: (app: AppState) => void } = {
  'new-document': ({ library }) => void library.create(),
  'open-link': shows('open-link'),
  'open-file': ({ files }) => void files.choose(false),
  'import-folder': ({ folders }) => void folders.import(),
  share: shows('share'),
  'replace-links': shows('replace-links'),
  save: ({ navigation }) => navigation.session?.askSaved(),
  'save-copy': ({ navigation, document }) => {
    if (navigation.session) void document.saveCopy(navigation.session.id)
  },
  'save-copies': ({ libraryView, folders }) => void folders.saveCopies(libraryView.selected),
  'save-with-keys': shows('save-with-keys'),
  'back-up': shows('back-up'),
  'export-folder': ({ folders }) => void folders.export(),
  pair: shows('pair'),
  'toggle-offline': ({ person }) => void person.setOffline(!person.profile?.offline),
  network: shows('network'),
  settings: shows('settings'),
  'focus-mode': ({ settings }) => void settings.change({ focus: !settings.value.focus }),
  'typewriter-mode': ({ settings }) => void settings.change({ typewriter: !settings.value.typewriter }),
  'source-mode': ({ settings }) => void settings.change({ source: !settings.value.source }),
  'larger-text': ({ settings }) => void settings.resize(1),
  'smaller-text': ({ settings }) => void settings.resize(-1),
  'usual-text': ({ settings }) => void settings.change({ size: textSizes.usual }),
  'go-to': (app) => showPalette(app, ''),
  commands: (app) => showPalette(app, '>'),
  'show-library': ({ navigation }) => navigation.showLibrary(),
  outline: (app) => showPanel(app, 'outline'),
  links: (app) => showPanel(app, 'links'),
  'next-tab': ({ navigation }) => navigation.panes.step(1),
  'previous-tab': ({ navigation }) => navigation.panes.step(-1),
  'tab-right': ({ navigation }) => navigation.panes.shift(1),
  'tab-left': ({ navigation }) => navigation.panes.shift(-1),
  'close-tab': ({ navigation }) => navigation.closeTab(),
  'close-other-tabs': ({ navigation: { panes, session } }) => {
    if (session) panes.closeOthers(session.id)
  },
  'reopen-tab': ({ navigation }) => navigation.panes.reopenClosed(),
  'tab-aside': ({ navigation }) => {
    if (navigation.session) navigation.show(navigation.session.id, { how: 'side' })
  },
  'tab-to-window': ({ navigation }) => {
    if (navigation.session) void navigation.moveToWindow(navigation.session.id)
  },
  'next-part': () => focusPart(1),
  'previous-part': () => focusPart(-1),
}

const contexts = new Map(commands.map(({ id, context }) => [id, context]))

/** Runs a command of the table that a window carries out. */
export function runCommand(app: AppState, id: WindowCommandId): void {
  if (isWindowCommand(id)) {
    windowCommands[id](app)
    return
  }
  const { session } = app.navigation
  const done = session?.run(id) ?? false
  // With the keyboard in a field, the field's own history is meant.
  if (!done && (id === 'undo' || id === 'redo')) document.execCommand(id)
}

const isWindowCommand = (id: WindowCommandId): id is CommandOf<'window'> => contexts.get(id) === 'window'

/** Shows a part of the panel beside the text and moves the keyboard there, or hides it. */
function showPanel({ navigation, settings }: AppState, panel: Settings['panel']): void {
  const isOther = settings.value.panel !== panel
  if (isOther) void settings.change({ panel })
  if (isOther && navigation.panelShown) navigation.panelWanted = true
  else navigation.togglePanel()
}

/** Opens the palette with what was typed already; a second time closes it. */
function showPalette({ palette, navigation }: AppState, typed: string): void {
  const isOpen = navigation.dialog === 'palette' && palette.query.startsWith('>') === (typed === '>')
  palette.type(typed)
  navigation.dialog = isOpen ? null : 'palette'
}

/** Opens a dialog, if it can be shown now. */
function shows(dialog: Dialog): (app: AppState) => void {
  return (app) => {
    if (dialogs[dialog].props(app)) app.navigation.dialog = dialog
  }
}
