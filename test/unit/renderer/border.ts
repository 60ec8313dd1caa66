import { EditorSelection } from '@codemirror/state'
import type { Calls, Events, Given, Outcome } from '../../../preload/contract/bridge'
import type { DocumentStatus, OpenedDocument } from '../../../preload/contract/document'
import { emptyLayout, type WindowLayout } from '../../../preload/contract/layout'
import { defaultSettings } from '../../../preload/contract/settings'
import { toText } from '../../../preload/text'
import type { Api } from '../../../renderer/api'
import type { KeptEditor } from '../../../renderer/editor/kept-editor'
import type { SessionEditor } from '../../../renderer/features/document/document-session.svelte'

export const status: DocumentStatus = {
  savedVersion: 0,
  loading: false,
  connection: 'looking',
  inSyncWith: 0,
  keepers: { all: 0, withMine: 0 },
  unshared: false,
  shared: false,
  holders: [],
  damaged: false,
  full: [],
  outdated: [],
  problem: null,
  unsaved: null,
  shortage: null,
  leftOut: [],
}

/** Test double of the main process: returns preset answers, and emits events to the window's listeners. */
export class Border implements Api {
  readonly asked: string[] = []
  readonly answers: { [Name in keyof Calls]?: () => Outcome<ReturnType<Calls[Name]>> } = {
    profile: () => ({
      ok: true,
      value: {
        name: 'Ada',
        fingerprint: 'abcd',
        knowsAddressIsSeen: true,
        offline: false,
        network: { lan: true, bootstrap: [], relays: [] },
      },
    }),
    documents: () => ({
      ok: true,
      value: [
        {
          ...{ id: 'one', title: 'One', role: 'write', editedAt: 1, createdAt: 1, people: [] },
          ...{ waiting: false, replaced: false, folder: '', pinned: false, archived: false, tags: [] },
        },
      ],
    }),
    openDocument: () => ({ ok: true, value: this.opened }),
    layout: () => ({ ok: true, value: this.layout }),
    lock: () => ({ ok: true, value: { locked: false } }),
    settings: () => ({ ok: true, value: defaultSettings }),
    spelling: () => ({ ok: true, value: { languages: [], works: true } }),
    ownWords: () => ({ ok: true, value: [] }),
    removedDocuments: () => ({ ok: true, value: [] }),
  }
  /** The layout that the window starts with, and then the one that it notes. */
  layout: WindowLayout = emptyLayout
  opened: OpenedDocument = {
    id: 'one',
    role: 'write',
    version: 0,
    text: '',
    status,
    people: [],
    carets: [],
    successors: [],
  }
  private readonly listeners = new Map<string, Set<(detail: never) => void>>()

  async call<Name extends keyof Calls>(
    name: Name,
    ...args: Given<Name>
  ): Promise<Outcome<ReturnType<Calls[Name]>>> {
    this.asked.push([name, ...args].join(' '))
    if (name === 'setLayout') [this.layout] = args as Given<'setLayout'>
    return this.answers[name]?.() ?? ({ ok: true, value: null } as Outcome<ReturnType<Calls[Name]>>)
  }

  on<Name extends keyof Events>(event: Name, listener: (detail: Events[Name]) => void): () => void {
    const all = this.listeners.get(event) ?? new Set()
    this.listeners.set(event, all.add(listener))
    return () => all.delete(listener)
  }

  tell<Name extends keyof Events>(event: Name, detail: Events[Name]): void {
    for (const listener of [...(this.listeners.get(event) ?? [])]) listener(detail as never)
  }
}

/** The remains of an editor that left the screen. */
export const kept: KeptEditor = {
  text: toText('kept'),
  selection: EditorSelection.single(4),
  history: null,
  folds: [],
  top: { offset: 0, distance: 24 },
}

/** An editor that notes its calls; its text has `length` code units. */
export const editor = (length = 0) => {
  const heard: string[] = []
  const attached: SessionEditor = {
    receive: (version, updates) => heard.push(`updates ${version}+${updates.length}`),
    setPeople: (people) => heard.push(`people ${people.length}`),
    setCarets: (version, carets) => heard.push(`carets ${version}:${carets.length}`),
    focus: () => heard.push('focus'),
    text: toText('# One\n\n## Two'),
    reveal: ({ from, to }, isComplete) => {
      if (!isComplete && to > length) return false
      return heard.push(`reveal ${from}-${to}`) > 0
    },
    copyAll: () => heard.push('copy') > 0,
    run: (command) => heard.push(command) > 0,
    keep: () => {
      heard.push('keep')
      return kept
    },
    close: async () => {
      heard.push('close')
    },
  }
  return { heard, attached }
}
