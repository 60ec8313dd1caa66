import { ChangeSet } from '@codemirror/state'
import type { Calls } from '../../preload/contract/bridge'
import { defaultSettings } from '../../preload/contract/settings'
import { isFolder } from '../../preload/text/folder'

/** A document's id. */
export const id = 'a1'.repeat(32)
/** Changes as a window sends them. */
export const changes = ChangeSet.of([{ from: 1, to: 2, insert: 'two\nlines' }], 10).toJSON()
/** An edit of a window. */
export const update = { clientID: 'b0a1-x', changes }

/** Arguments that are right, for every call. */
export const right: { [Name in keyof Calls]: Parameters<Calls[Name]>[] } = {
  profile: [[]],
  setName: [['Ada'], ['']],
  acknowledgeAddress: [[]],
  setOffline: [[true], [false]],
  setNetwork: [
    [{ lan: true, bootstrap: [], relays: [] }],
    [{ lan: false, bootstrap: ['127.0.0.1:49737'], relays: ['ab'.repeat(32)] }],
  ],
  settings: [[]],
  setSettings: [
    [defaultSettings],
    [{ ...defaultSettings, theme: 'dark', font: 'mono', size: 24, width: 'narrow', spelling: ['de', 'en'] }],
    [{ ...defaultSettings, librarySort: 'title', libraryTurned: ['archive', 'folder:Choir/Spring'] }],
  ],
  spelling: [[]],
  ownWords: [[]],
  addOwnWord: [['Kowalczyk'], ['naïveté-grüße’s'], ['x'.repeat(64)]],
  removeOwnWord: [['Kowalczyk']],
  showTextMenu: [
    [null],
    [
      {
        isEditable: true,
        isSelected: false,
        canUndo: true,
        canRedo: false,
        isMisspelled: true,
        link: 'https://example.org',
        title: 'Plan',
        tag: 'trip/boat',
      },
    ],
    [
      {
        isEditable: false,
        isSelected: true,
        canUndo: false,
        canRedo: false,
        isMisspelled: false,
        link: null,
        title: null,
        tag: null,
      },
    ],
  ],
  networkReport: [[null], [id]],
  copyNetworkReport: [[null], [id]],
  search: [
    [{ text: 'naïve “two words”', kind: 'words' }],
    [{ text: '[', kind: 'regexp' }],
    [{ text: 'x'.repeat(500), kind: 'words' }],
  ],
  endSearch: [[]],
  backlinks: [[id]],
  readTags: [[]],
  headings: [[id]],
  documents: [[]],
  createDocument: [[{}], [{ title: 'Plan' }], [{ folder: 'Choir/Spring' }]],
  openNewWindow: [[]],
  showInNewWindow: [[id]],
  welcome: [[]],
  openLink: [['swarmpad:spw1']],
  linksIn: [['swarmpad:spw1']],
  openOneOf: [['swarmpad:spw1', 1]],
  acceptLink: [[1]],
  declineLink: [[0]],
  openDocument: [[id]],
  closeDocument: [[id]],
  pushEdits: [
    [id, 0, []],
    [id, 7, [update, update]],
    [id, 7, [{ clientID: 'x', changes: [] }]],
  ],
  setSelection: [
    [id, null],
    [id, { version: 1, anchor: 0, head: 5 }],
  ],
  place: [[id]],
  setPlace: [
    [id, { anchor: 0, head: 5, top: { offset: 3, distance: -12.5 }, folds: [[7, 9]] }],
    [id, { anchor: 0, head: 0, top: { offset: 0, distance: 0 }, folds: [] }],
  ],
  layout: [[]],
  setLayout: [
    [{ panes: [{ tabs: [], front: null }], active: 0, split: 0.5, outline: false }],
    [
      {
        panes: [
          { tabs: [id, id], front: id },
          { tabs: [], front: id },
        ],
        active: 1,
        split: 0.2,
        outline: true,
      },
    ],
  ],
  closeWindow: [[]],
  copyLink: [
    [id, 'write'],
    [id, 'read'],
  ],
  saveCopy: [[id]],
  saveBackup: [
    ['words', id],
    ['words', null],
  ],
  openFile: [[true], [false]],
  openFiles: [[['/home/ada/a.md', '']], [[]]],
  readFiles: [[['/home/ada/a.md']]],
  savePicture: [['a.png', Uint8Array.of(1)]],
  restoreBackup: [['words']],
  stopBackup: [[]],
  importFolder: [[]],
  exportFolder: [[]],
  saveCopies: [[[id]], [[id, id]]],
  stopFolder: [[]],
  offerPairing: [[]],
  copyPairingLink: [[]],
  joinPairing: [['swarmpad:spd1']],
  agreePairing: [['abc-def']],
  endPairing: [[]],
  leftOut: [[id]],
  saveLeftOut: [[id]],
  takeMore: [[id]],
  goOnWithout: [[id]],
  dismissLeftOut: [[id]],
  writers: [[id]],
  replaceLinks: [
    [id, [], true],
    [id, [id, 'ab'.repeat(32)], false],
  ],
  openSuccessor: [[id, 'ab'.repeat(32)]],
  arrange: [
    [[id], { folder: 'Work/Åre 2026', pinned: true, archived: false }],
    [[id, 'ab'.repeat(32)], { folder: '' }],
    [[id], {}],
  ],
  removeDocuments: [[[id]]],
  restoreDocuments: [[[id, 'ab'.repeat(32)]]],
  deleteDocuments: [[[id]]],
  removedDocuments: [[]],
  openExternal: [[id, 'https://example.org']],
  lock: [[]],
  unlock: [[''], ['x'.repeat(1_024)]],
  protection: [[]],
  setPassphrase: [
    [null, 'correct horse'],
    ['correct horse', null],
  ],
  declinePassphrase: [[]],
}

/** True for a valid argument of a call; specified independently of the checks under test. */
export type Form = (value: unknown) => boolean

const isText =
  (max: number): Form =>
  (value) =>
    typeof value === 'string' && value.length <= max
const isFlag: Form = (value) => value === true || value === false
const isCount: Form = (value) => typeof value === 'number' && value >= 0 && Number.isSafeInteger(value)
const isId: Form = (value) => typeof value === 'string' && value.length === 64 && !/[^0-9a-f]/.test(value)
const isOneOf =
  (...all: readonly string[]): Form =>
  (value) =>
    all.some((one) => one === value)
const isNullOr =
  (form: Form): Form =>
  (value) =>
    value === null || form(value)
const isListOf =
  (form: Form, max: number): Form =>
  (value) =>
    Array.isArray(value) && value.length <= max && Array.from(value).every(form)
const isFolderText: Form = (value) => typeof value === 'string' && isFolder(value)
/** Exactly these fields: what passed holds nothing else. */
const isRecord =
  (forms: Record<string, Form>): Form =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).sort().join() === Object.keys(forms).sort().join() &&
    Object.entries(forms).every(([name, form]) => form(Reflect.get(value, name)))

/** Some of these fields, and no others. */
const isPartOf =
  (forms: Record<string, Form>): Form =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(([name, field]) => forms[name]?.(field) ?? false)

const isPart: Form = (value) =>
  isCount(value) ||
  (Array.isArray(value) && isCount(value[0]) && value.slice(1).every((line) => typeof line === 'string'))
const isWord: Form = (value) => isText(64)(value) && value !== '' && !/[\s\p{C}]/u.test(String(value))
const isUpdate = isRecord({
  clientID: (value) =>
    typeof value === 'string' && /^[\w-]{1,64}$/.test(value) && value !== 'peer' && value !== 'program',
  changes: isListOf(isPart, 1_000_000),
})

/** The form of each argument, for every call. */
export const forms: { readonly [Name in keyof Calls]: readonly Form[] } = {
  profile: [],
  setName: [isText(1_000)],
  acknowledgeAddress: [],
  setOffline: [isFlag],
  setNetwork: [
    isRecord({ lan: isFlag, bootstrap: isListOf(isText(1_000), 32), relays: isListOf(isText(1_000), 32) }),
  ],
  settings: [],
  setSettings: [
    isRecord({
      theme: isOneOf('system', 'light', 'dark'),
      font: isOneOf('serif', 'sans', 'mono'),
      size: (value) => isCount(value) && Number(value) >= 14 && Number(value) <= 24,
      width: isOneOf('narrow', 'medium', 'wide'),
      spelling: (value) =>
        isListOf(isOneOf('en', 'de'), 2)(value) && ['', 'en', 'de', 'de,en', 'en,de'].includes(String(value)),
      selectionBar: isFlag,
      focus: isFlag,
      typewriter: isFlag,
      source: isFlag,
      panel: isOneOf('outline', 'links'),
      searchUnopened: isFlag,
      notify: isFlag,
      notifyDetails: isFlag,
      librarySort: isOneOf('edited', 'created', 'title'),
      libraryTurned: isListOf(isText(1_000), 2_000),
    }),
  ],
  spelling: [],
  ownWords: [],
  addOwnWord: [isWord],
  removeOwnWord: [isWord],
  showTextMenu: [
    isNullOr(
      isRecord({
        isEditable: isFlag,
        isSelected: isFlag,
        canUndo: isFlag,
        canRedo: isFlag,
        isMisspelled: isFlag,
        link: isNullOr(isText(4_000)),
        title: isNullOr(isText(1_000)),
        tag: isNullOr(isText(1_000)),
      }),
    ),
  ],
  networkReport: [isNullOr(isId)],
  copyNetworkReport: [isNullOr(isId)],
  search: [
    isRecord({ text: (value) => isText(500)(value) && value !== '', kind: isOneOf('words', 'regexp') }),
  ],
  endSearch: [],
  backlinks: [isId],
  readTags: [],
  headings: [isId],
  documents: [],
  createDocument: [isPartOf({ title: isText(500), folder: isFolderText })],
  openNewWindow: [],
  showInNewWindow: [isId],
  welcome: [],
  openLink: [isText(16_384)],
  linksIn: [isText(16_384)],
  openOneOf: [isText(16_384), isCount],
  acceptLink: [isCount],
  declineLink: [isCount],
  openDocument: [isId],
  closeDocument: [isId],
  pushEdits: [isId, isCount, isListOf(isUpdate, 10_000)],
  setSelection: [isId, isNullOr(isRecord({ version: isCount, anchor: isCount, head: isCount }))],
  place: [isId],
  setPlace: [
    isId,
    isRecord({
      anchor: isCount,
      head: isCount,
      top: isRecord({
        offset: isCount,
        distance: (value) => typeof value === 'number' && Math.abs(value) <= 10_000_000,
      }),
      folds: isListOf((value) => isListOf(isCount, 2)(value) && (value as unknown[]).length === 2, 500),
    }),
  ],
  layout: [],
  setLayout: [
    isRecord({
      panes: (value) =>
        isListOf(isRecord({ tabs: isListOf(isId, 100), front: isNullOr(isId) }), 2)(value) &&
        (value as unknown[]).length > 0,
      active: (value) => value === 0 || value === 1,
      split: (value) => typeof value === 'number' && value >= 0.2 && value <= 0.8,
      outline: isFlag,
    }),
  ],
  closeWindow: [],
  copyLink: [isId, (value) => ['write', 'read', 'keep'].some((kind) => kind === value)],
  saveCopy: [isId],
  saveBackup: [isText(1_024), isNullOr(isId)],
  openFile: [isFlag],
  openFiles: [isListOf(isText(4_096), 100)],
  readFiles: [isListOf(isText(4_096), 100)],
  savePicture: [isText(1_000), (value) => value instanceof Uint8Array && value.length <= 64 * 1024 * 1024],
  restoreBackup: [isText(1_024)],
  stopBackup: [],
  importFolder: [],
  exportFolder: [],
  saveCopies: [isListOf(isId, 10_000)],
  stopFolder: [],
  offerPairing: [],
  copyPairingLink: [],
  joinPairing: [isText(16_384)],
  agreePairing: [isText(1_000)],
  endPairing: [],
  leftOut: [isId],
  saveLeftOut: [isId],
  dismissLeftOut: [isId],
  takeMore: [isId],
  goOnWithout: [isId],
  writers: [isId],
  replaceLinks: [isId, isListOf(isId, 255), isFlag],
  openSuccessor: [isId, isId],
  arrange: [
    isListOf(isId, 10_000),
    isPartOf({
      folder: isFolderText,
      pinned: isFlag,
      archived: isFlag,
    }),
  ],
  removeDocuments: [isListOf(isId, 10_000)],
  restoreDocuments: [isListOf(isId, 10_000)],
  deleteDocuments: [isListOf(isId, 10_000)],
  removedDocuments: [],
  openExternal: [isId, isText(4_000)],
  lock: [],
  unlock: [isText(1_024)],
  protection: [],
  setPassphrase: [isNullOr(isText(1_024)), isNullOr(isText(1_024))],
  declinePassphrase: [],
}
