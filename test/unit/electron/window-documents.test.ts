import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemEnvironment } from '../../../main/base/environment'
import type { WorkspaceHandlers } from '../../../main/electron/calls/handlers'
import { workspaceCalls } from '../../../main/electron/calls/workspace-calls'
import { OwnSelections } from '../../../main/electron/own-selections'
import { WindowDocuments } from '../../../main/electron/window-documents'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { Workspace } from '../../../main/workspace/workspace'
import type { Events } from '../../../preload/contract/bridge'
import { emptyLayout } from '../../../preload/contract/layout'
import { InlineReplicas } from '../../support/inline-replica'
import { inlineSearch } from '../../support/inline-search'
import { randomFrom } from '../../support/random'
import { SimInternet, SimNetwork } from '../../support/sim-network'

let workspace: Workspace
let disk: MemoryDisk
let replicas: InlineReplicas
let selections: OwnSelections
const windows: TestWindow[] = []

/** Window in a test: its calls, the events it received, and the effects of its calls. */
interface TestWindow {
  readonly calls: WorkspaceHandlers
  readonly documents: WindowDocuments
  readonly heard: { name: keyof Events; detail: unknown }[]
  readonly copied: string[]
  readonly files: Map<string, string>
  readonly opened: string[]
  saveTo: string | null
}

beforeEach(async () => {
  const { clock } = systemEnvironment
  const world = new SimInternet({ clock, random: randomFrom(1) })
  selections = new OwnSelections()
  disk = new MemoryDisk()
  replicas = new InlineReplicas(() => clock.now())
  workspace = new Workspace({
    environment: systemEnvironment,
    store: new MemoryStore(disk),
    network: new SimNetwork({ world, name: 'ada' }),
    startReplica: replicas.start,
    startSearch: inlineSearch,
    masterKey: async () => Buffer.alloc(32, 7),
    name: 'Ada',
  })
  await workspace.open()
})
afterEach(async () => {
  windows.length = 0
  disk.full = false
  await workspace.close()
  replicas.freeAll()
})

function openWindow(): TestWindow {
  const heard: TestWindow['heard'] = []
  const documents = new WindowDocuments({
    workspace,
    selections,
    tell: (name, detail) => {
      heard.push({ name, detail })
      // As a page does, after it has handed over its edits.
      if (name === 'leave') setTimeout(() => void window.calls.closeDocument((detail as { id: string }).id))
    },
  })
  const copied: string[] = []
  const files = new Map<string, string>()
  const opened: string[] = []
  const window: TestWindow = {
    documents,
    heard,
    copied,
    files,
    opened,
    saveTo: null,
    calls: workspaceCalls({
      workspace,
      documents,
      welcomes: () => welcomes,
      layout: { read: async () => emptyLayout, note: () => undefined },
      closeWindow: () => undefined,
      leaveElsewhere: async (id) => {
        await Promise.all(windows.filter((one) => one !== window).map((one) => one.documents.leave(id)))
      },
      showElsewhere: () => undefined,
      desktop: {
        copy: (text) => copied.push(text),
        askWhereToSave: async (name) => window.saveTo && `${window.saveTo}/${name}`,
        askToAllow: async () => false,
        askForFolder: async () => null,
        askWhatToOpen: async () => [],
        writeFile: async (path, text) => {
          let whole = ''
          for await (const piece of typeof text === 'string' || text instanceof Uint8Array ? [text] : text)
            whole += piece
          files.set(path, whole)
        },
        openExternal: async (_document, address) => void opened.push(address),
      },
    }),
  }
  windows.push(window)
  return window
}

/** The program may begin with a document of its own. */
let welcomes = true

const insert = (text: string, length = 0, clientID = 'first') => [
  { clientID, changes: [...(length ? [length] : []), [0, text]] },
]
const updatesOf = (window: TestWindow) => window.heard.filter(({ name }) => name === 'updates')

describe('a window', () => {
  it('welcomes a new person with a document, once, unless there is something else to begin with', async () => {
    const window = openWindow()
    welcomes = false
    expect(await window.calls.welcome()).toEqual({ id: null })
    welcomes = true
    const { id } = await window.calls.welcome()
    const { text, role } = await window.calls.openDocument(id ?? '')
    expect(role).toBe('write')
    expect(text).toMatch(/^# Welcome, /)
    expect(await window.calls.welcome()).toEqual({ id: null })
  })

  it('opens a document, edits it and hears of it', async () => {
    const window = openWindow()
    const { id } = await window.calls.createDocument({})
    const { version, role, text } = await window.calls.openDocument(id)
    expect([version, role, text]).toEqual([0, 'write', ''])
    expect(window.calls.pushEdits(id, 0, insert('hello'))).toBeNull()
    expect(updatesOf(window)).toMatchObject([{ detail: { id, version: 0 } }])
    expect((await window.calls.openDocument(id)).text).toBe('hello')
  })

  it('makes a document with a heading, and says how long its text is', async () => {
    const window = openWindow()
    const { id, length } = await window.calls.createDocument({ title: ' 1.  *Plan* ' })
    const { text } = await window.calls.openDocument(id)
    expect(text).toMatch(/^# 1.*Plan.*\n\n$/)
    expect(length).toBe(text.length)
  })

  it('hears each update once, however often it loads the text', async () => {
    const window = openWindow()
    const { id } = await window.calls.createDocument({})
    await Promise.all([1, 2, 3].map(() => window.calls.openDocument(id)))
    window.calls.pushEdits(id, 0, insert('x'))
    expect(updatesOf(window)).toHaveLength(1)
  })

  it('that closed a document hears no more of it and cannot edit it', async () => {
    const window = openWindow()
    const { id } = await window.calls.createDocument({})
    await window.calls.openDocument(id)
    await window.calls.closeDocument(id)
    expect(() => window.calls.pushEdits(id, 0, insert('x'))).toThrow(
      expect.objectContaining({ code: 'CLOSED' }),
    )
    const other = openWindow()
    await other.calls.openDocument(id)
    other.calls.pushEdits(id, 0, insert('x'))
    expect(updatesOf(window)).toHaveLength(0)
    expect(updatesOf(other)).toHaveLength(1)
    await window.calls.closeDocument(id)
  })

  it('shares a document with another window', async () => {
    const [first, second] = [openWindow(), openWindow()]
    const { id } = await first.calls.createDocument({})
    await first.calls.openDocument(id)
    await second.calls.openDocument(id)
    first.calls.pushEdits(id, 0, insert('one'))
    second.calls.pushEdits(id, 0, insert('two', 0, 'second'))
    expect(updatesOf(first)).toEqual(updatesOf(second))
    await first.documents.closeAll()
    second.calls.pushEdits(id, 2, insert('!', 6, 'second'))
    expect(updatesOf(first)).toHaveLength(2)
    expect((await second.calls.openDocument(id)).text).toHaveLength(7)
  })

  it('that goes away while a document is being opened holds nothing', async () => {
    const window = openWindow()
    const { id } = await window.calls.createDocument({})
    const opening = window.calls.openDocument(id)
    await window.documents.closeAll()
    await opening
    expect(() => window.documents.get(id)).toThrow(expect.objectContaining({ code: 'CLOSED' }))
    const other = openWindow()
    await other.calls.openDocument(id)
    other.calls.pushEdits(id, 0, insert('x'))
    expect(window.heard).toEqual([])
  })

  it('can show a document again at once, also while the disk refuses what was typed', async () => {
    const window = openWindow()
    const { id } = await window.calls.createDocument({})
    await window.calls.openDocument(id)
    disk.full = true
    window.calls.pushEdits(id, 0, insert('kept'))
    await window.calls.closeDocument(id)
    expect((await window.calls.openDocument(id)).text).toBe('kept')
    disk.full = false
    await vi.waitFor(
      async () => expect((await window.calls.openDocument(id)).status.savedVersion).toBe(1),
      20_000,
    )
  })

  it('is told of what it does not have', async () => {
    const window = openWindow()
    await expect(window.calls.openDocument('00'.repeat(32))).rejects.toMatchObject({
      code: 'DOCUMENT_UNKNOWN',
    })
    await expect(window.calls.openLink('hello')).rejects.toMatchObject({ code: 'LINK_UNKNOWN' })
    // A second try is a try of its own.
    await expect(window.calls.openDocument('00'.repeat(32))).rejects.toMatchObject({
      code: 'DOCUMENT_UNKNOWN',
    })
  })

  it('has links put on the clipboard and never sees one', async () => {
    const window = openWindow()
    const { id } = await window.calls.createDocument({})
    expect(await window.calls.copyLink(id, 'read')).toBeNull()
    expect(window.copied).toEqual([expect.stringMatching(/^swarmpad:spr1/)])
    expect(await openWindow().calls.openLink(window.copied[0] ?? '')).toEqual({ id })
  })

  it('saves a copy where the person says, or nowhere', async () => {
    const window = openWindow()
    const { id } = await window.calls.createDocument({})
    await window.calls.openDocument(id)
    window.calls.pushEdits(id, 0, insert('# My: plan'))
    expect(await window.calls.saveCopy(id)).toEqual({ path: null })
    window.saveTo = '/home'
    expect(await window.calls.saveCopy(id)).toEqual({ path: '/home/My plan.md' })
    expect([...window.files]).toEqual([['/home/My plan.md', '# My: plan']])
  })

  it('saves what was left out where the person says, or nowhere', async () => {
    const window = openWindow()
    const { id } = await window.calls.createDocument({})
    await window.calls.openDocument(id)
    window.calls.pushEdits(id, 0, insert('# My: plan'))
    expect(await window.calls.leftOut(id)).toEqual([])
    expect(await window.calls.saveLeftOut(id)).toEqual({ path: null, whole: true })
    window.saveTo = '/home'
    const path = '/home/My plan - left out.json'
    expect(await window.calls.saveLeftOut(id)).toEqual({ path, whole: true })
    expect(JSON.parse(window.files.get(path) ?? '')).toMatchObject({ document: 'My: plan', sessions: [] })
    expect(await window.calls.dismissLeftOut(id)).toBeNull()
  })

  it('removes a document and brings it back', async () => {
    const window = openWindow()
    const { id } = await window.calls.createDocument({})
    await window.calls.openDocument(id)
    window.calls.pushEdits(id, 0, insert('text'))
    await window.calls.removeDocuments([id])
    expect(window.calls.documents()).toEqual([])
    await window.calls.restoreDocuments([id])
    expect(window.calls.documents()).toMatchObject([{ id }])
    await vi.waitFor(async () => expect((await window.calls.openDocument(id)).text).toBe('text'))
  })

  it('removes a document that another window shows, which closes it first', async () => {
    const [first, second, third] = [openWindow(), openWindow(), openWindow()]
    const { id } = await first.calls.createDocument({})
    await first.calls.openDocument(id)
    await second.calls.openDocument(id)
    await first.calls.removeDocuments([id])
    expect(second.heard).toContainEqual({ name: 'leave', detail: { id } })
    expect(() => second.documents.get(id)).toThrow(expect.objectContaining({ code: 'CLOSED' }))
    expect(third.heard).toEqual([])
    await first.calls.restoreDocuments([id])
    expect((await second.calls.openDocument(id)).role).toBe('write')
  })

  it('ends the selection that others see only if it is its own', async () => {
    const [first, second] = [openWindow(), openWindow()]
    const { id } = await first.calls.createDocument({})
    await first.calls.openDocument(id)
    await second.calls.openDocument(id)
    const seen: unknown[] = []
    const document = await workspace.document(id)
    const set = vi.spyOn(document, 'setSelection').mockImplementation((selection) => seen.push(selection))
    const at = (anchor: number) => ({ version: 0, anchor, head: anchor })
    first.calls.setSelection(id, at(1))
    second.calls.setSelection(id, at(2))
    // The keyboard went from one window to the other, which says so later.
    first.calls.setSelection(id, null)
    expect(seen).toEqual([at(1), at(2)])
    await first.documents.closeAll()
    expect(seen).toEqual([at(1), at(2)])
    await second.documents.closeAll()
    expect(seen).toEqual([at(1), at(2), null])
    set.mockRestore()
    await document.close()
  })

  it('opens web addresses outside, and nothing else', async () => {
    const window = openWindow()
    const { id } = await window.calls.createDocument({})
    await window.calls.openDocument(id)
    await window.calls.openExternal(id, 'https://example.org')
    await expect(window.calls.openExternal(id, 'file:///etc/passwd')).rejects.toMatchObject({
      code: 'ADDRESS_REFUSED',
    })
    // A page cannot claim another document, in which more is allowed.
    await window.calls.closeDocument(id)
    await expect(window.calls.openExternal(id, 'https://example.org')).rejects.toMatchObject({
      code: 'CLOSED',
    })
    expect(window.opened).toEqual(['https://example.org/'])
  })

  it('shows in a new window only what the library has', async () => {
    const { calls } = openWindow()
    const { id } = await calls.createDocument({})
    expect(calls.showInNewWindow(id)).toBeNull()
    expect(() => calls.showInNewWindow('a1'.repeat(32))).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_UNKNOWN' }),
    )
  })
})
