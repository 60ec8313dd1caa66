import type { Component } from 'svelte'
import type { OpenedDocument } from '../../preload/contract/document'
import type { LinkKind } from '../../preload/contract/ids'
import type { NetworkChoice } from '../../preload/contract/network'
import { titleWords } from '../../preload/messages/format'
import type { AppState } from '../state/app-state.svelte'
import type { Dialog } from '../state/navigation.svelte'
import BackupDialog from './backup/BackupDialog.svelte'
import type { DocumentSession } from './document/document-session.svelte'
import NetworkDialog from './network/NetworkDialog.svelte'
import PairingDialog from './pairing/PairingDialog.svelte'
import Palette from './palette/Palette.svelte'
import NameDialog from './person/NameDialog.svelte'
import ProtectionDialog from './protection/ProtectionDialog.svelte'
import LeftOutDialog from './quarantine/LeftOutDialog.svelte'
import SettingsDialog from './settings/SettingsDialog.svelte'
import ChooseLinkDialog from './sharing/ChooseLinkDialog.svelte'
import OpenLinkDialog from './sharing/OpenLinkDialog.svelte'
import ReplaceLinksDialog from './sharing/ReplaceLinksDialog.svelte'
import ShareDialog from './sharing/ShareDialog.svelte'

/** A dialog: its view, and what the view needs; null while it cannot be shown. */
interface DialogEntry {
  readonly view: Component<Record<string, unknown> & { close: () => void }>
  props(app: AppState): Record<string, unknown> | null
}

/** The dialogs that cover the window; a new one is a line here. */
export const dialogs: { readonly [Name in Dialog]: DialogEntry } = {
  palette: dialog(Palette, ({ palette }) => ({ palette })),
  'open-link': dialog(OpenLinkDialog, ({ sharing, person }) => ({
    open: (link: string) => sharing.open(link),
    knowsAddress: person.profile?.knowsAddressIsSeen ?? false,
  })),
  'choose-link': dialog(ChooseLinkDialog, ({ sharing }) =>
    sharing.choice.links.length === 0
      ? null
      : { links: sharing.choice.links, choose: (place: number) => sharing.choose(place) },
  ),
  share: dialog(ShareDialog, (app) => shareProps(app, false)),
  'new-links': dialog(ShareDialog, (app) => shareProps(app, true)),
  'replace-links': dialog(ReplaceLinksDialog, ({ sharing, navigation }) => {
    const { session } = navigation
    if (session?.opened?.role !== 'write') return null
    return {
      load: () => sharing.writers(session.id),
      replace: (writers: string[], keep: boolean) => sharing.replaceLinks(session.id, writers, keep),
    }
  }),
  'left-out': dialog(LeftOutDialog, ({ quarantine, navigation }) =>
    whenOpen(navigation.session, (session) => ({
      leftOut: session.leftOut,
      people: session.people,
      load: () => quarantine.details(session.id),
      save: () => quarantine.save(session.id),
    })),
  ),
  network: dialog(NetworkDialog, ({ network, person, navigation }) =>
    person.profile === null
      ? null
      : {
          choice: person.profile.network,
          load: () => network.report(navigation.session?.id ?? null),
          choose: (choice: NetworkChoice) => person.setNetwork(choice),
          copy: () => network.copy(navigation.session?.id ?? null),
        },
  ),
  settings: dialog(SettingsDialog, ({ settings, spelling }) => ({ settings, spelling })),
  name: dialog(NameDialog, (app) =>
    app.person.profile === null
      ? null
      : {
          profile: app.person.profile,
          setName: (name: string) => app.person.setName(name),
          pair: () => app.run('pair'),
        },
  ),
  pair: dialog(PairingDialog, ({ pairing }) => ({ pairing })),
  'back-up': dialog(BackupDialog, ({ backup }) => ({
    title: null,
    progress: backup.progress,
    save: (passphrase: string) => backup.save(passphrase, null),
    stop: () => backup.stop(),
  })),
  'save-with-keys': dialog(BackupDialog, ({ backup, navigation, current }) =>
    whenOpen(navigation.session, ({ id }) => ({
      title: titleWords(current?.title ?? ''),
      progress: backup.progress,
      save: (passphrase: string) => backup.save(passphrase, id),
      stop: () => backup.stop(),
    })),
  ),
  protection: dialog(ProtectionDialog, (app) => {
    const { protection } = app
    if (!protection.current) return null
    return {
      way: protection.current.way,
      setPassphrase: (current: string | null, next: string | null) => protection.setPassphrase(current, next),
      backUp: () => app.run('back-up'),
    }
  }),
}

function shareProps(app: AppState, isNew: boolean) {
  return whenOpen(app.navigation.session, (session) => ({
    role: session.opened.role,
    isNew,
    people: session.people,
    holders: session.holders,
    loadWriters: () => app.sharing.writers(session.id),
    knowsAddress: app.person.profile?.knowsAddressIsSeen ?? false,
    copy: (kind: LinkKind) => app.sharing.copyLink(session.id, kind),
    replaceLinks: () => app.run('replace-links'),
  }))
}

/** Returns what `props` makes of a session whose document is open; null for any other. */
function whenOpen<T>(
  session: DocumentSession | null,
  props: (session: DocumentSession & { readonly opened: OpenedDocument }) => T,
): T | null {
  return session?.phase === 'open' && session.opened !== null
    ? props(session as DocumentSession & { readonly opened: OpenedDocument })
    : null
}

/** Ties a view to its props. Afterwards the table forgets which props belong to which view. */
function dialog<Props extends { close: () => void }>(
  view: Component<Props>,
  props: (app: AppState) => Omit<Props, 'close'> | null,
): DialogEntry {
  return { view: view as unknown as DialogEntry['view'], props }
}
