import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { hex } from '../../../main/base/hex'
import { exportFolder } from '../../../main/files/export-folder'
import { libraryFolder } from '../../../main/files/folder-names'
import { walkFolder } from '../../../main/files/folder-walk'
import { type ImportHost, importFolder } from '../../../main/files/import-folder'
import type { ImportRecord } from '../../../main/library/import-records'
import { isFolder } from '../../../preload/text/folder'
import { randomFrom } from '../../support/random'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'swarmpad-folder-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

function put(place: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, place)), { recursive: true })
  writeFileSync(join(root, place), content)
}

const unstopped = () => ({ signal: new AbortController().signal, onProgress: () => undefined })

/** A library of documents by their secrets, which forgets nothing when an import is cut off. */
class Shelf implements ImportHost {
  readonly texts = new Map<string, string>()
  readonly folders = new Map<string, string>()
  readonly removed = new Set<string>()
  readonly stored = new Map<string, ImportRecord>()
  /** Number of steps until the next one fails. */
  left = Number.POSITIVE_INFINITY
  readonly random = randomFrom(7).bytes

  readonly records = {
    find: async (file: Uint8Array) => this.stored.get(hex(file)) ?? null,
    put: async (records: readonly (readonly [Uint8Array, ImportRecord])[]) => {
      this.step()
      for (const [file, record] of records) this.stored.set(hex(file), record)
    },
  }

  readonly look = (secret: Uint8Array) => {
    const id = hex(secret)
    return { id, isShown: this.texts.has(id) && !this.removed.has(id), isRemoved: this.removed.has(id) }
  }

  readonly create = async (secret: Uint8Array, text: string) => {
    const id = hex(secret)
    this.step()
    this.texts.set(id, this.texts.get(id) ?? '')
    this.step()
    this.texts.set(id, this.texts.get(id) || text)
  }

  readonly arrange = async (ids: readonly string[], folder: string) => {
    this.step()
    if (ids.some((id) => this.removed.has(id))) throw new SwarmpadError('DOCUMENT_UNKNOWN', { by: 'library' })
    for (const id of ids) this.folders.set(id, folder)
  }

  /** Documents as 'folder: text', sorted. */
  get shown(): string[] {
    return [...this.texts]
      .filter(([id]) => !this.removed.has(id))
      .map(([id, text]) => `${this.folders.get(id) ?? '-'}: ${text}`)
      .sort()
  }

  private step(): void {
    if (this.left-- <= 0) throw new Error('the process was killed')
  }
}

describe('a folder', () => {
  it('is listed without what is hidden, links and other files', async () => {
    put('b.md', '')
    put('a10.txt', '')
    put('a9.md', '')
    put('sub/deep/c.markdown', '')
    put('sub/photo.JPG', '')
    put('sub/letter.docx', '')
    put('.obsidian/app.json', '')
    put('.hidden.md', '')
    symlinkSync(root, join(root, 'sub/again'))
    symlinkSync(join(root, 'b.md'), join(root, 'sub/link.md'))
    const found = await walkFolder(root, new AbortController().signal)
    expect(found.texts.map(({ folders, stem }) => [...folders, stem].join('/'))).toEqual([
      'a9',
      'a10',
      'b',
      'sub/deep/c',
    ])
    expect(found).toMatchObject({ pictures: 1, others: 1, unread: 0 })
  })

  it('that is not there or is a file cannot be used', async () => {
    put('a.md', '')
    const { signal } = new AbortController()
    for (const path of ['nothing', 'a.md'])
      await expect(walkFolder(join(root, path), signal)).rejects.toMatchObject({ code: 'FOLDER_UNUSABLE' })
  })

  it('has names that fit the library', () => {
    expect(libraryFolder(['Notes ', 'a/b\u0000', '  ', 'c'])).toBe('Notes/a b/c')
    expect(libraryFolder(Array.from({ length: 12 }, (_, index) => `f${index}`)).split('/')).toHaveLength(8)
    expect(libraryFolder(['x'.repeat(300)])).toHaveLength(100)
    for (const odd of ['a\u2028b', ' \u2029 ', '\ud800', `${'x'.repeat(99)} y`, 'x\u0085'])
      expect(isFolder(libraryFolder([odd, 'c']))).toBe(true)
  })
})

describe('an import', () => {
  const vault = () => {
    put('Home.md', 'See [[Boat]] and [the log](Trips/Log.md).')
    put('Boat.md', '# The boat\n\nSails.')
    put('Trips/Log.md', 'A trip.')
    put('Trips/bytes.md', Uint8Array.of(0, 255, 1))
  }
  const name = () => root.split('/').at(-1)
  const expected = () => [
    `${name()}/Trips: # Log\n\nA trip.`,
    `${name()}: # Home\n\nSee [[The boat|Boat]] and [[Log|the log]].`,
    `${name()}: # The boat\n\nSails.`,
  ]

  it('makes documents in folders, with links by title, and says what it left out', async () => {
    vault()
    put('Trips/photo.png', 'x')
    const shelf = new Shelf()
    const report = await importFolder(root, shelf, unstopped())
    expect(shelf.shown).toEqual(expected())
    expect(report).toMatchObject({ known: 0, pictures: 1, failed: 1, isWhole: true })
    expect(report.added).toHaveLength(3)
    expect(report.problems.map(({ data }) => data)).toEqual([{ is: 'binary', name: 'bytes.md' }])
  })

  it('is the same when it is cut off at any step and repeated', async () => {
    vault()
    for (let steps = 0; ; steps++) {
      const shelf = new Shelf()
      shelf.left = steps
      const isCut = await importFolder(root, shelf, unstopped()).then(
        () => false,
        () => true,
      )
      shelf.left = Number.POSITIVE_INFINITY
      await importFolder(root, shelf, unstopped())
      expect(shelf.shown, `cut off at step ${steps}`).toEqual(expected())
      const third = await importFolder(root, shelf, unstopped())
      expect(third).toMatchObject({ added: [], known: 3 })
      if (!isCut) break
    }
  })

  it('makes a document again that the person removed, and one of a file that changed', async () => {
    vault()
    const shelf = new Shelf()
    const { added } = await importFolder(root, shelf, unstopped())
    shelf.removed.add(added[0] ?? '')
    put('Trips/Log.md', 'Another trip.')
    const report = await importFolder(root, shelf, unstopped())
    expect(report).toMatchObject({ known: 1 })
    expect(report.added).toHaveLength(2)
    expect(shelf.shown).toEqual([`${name()}/Trips: # Log\n\nAnother trip.`, ...expected()].sort())
  })

  it('tells files apart that differ in their endings alone', async () => {
    put('plan.md', '# Plan\n\none')
    put('plan.txt', '# Plan\n\ntwo')
    const shelf = new Shelf()
    await importFolder(root, shelf, unstopped())
    expect(await importFolder(root, shelf, unstopped())).toMatchObject({ known: 2, added: [] })
  })

  it('goes on when the person removes a document that it has just made', async () => {
    for (let index = 0; index < 3; index++) put(`${index}.md`, `# Note ${index}`)
    const shelf = new Shelf()
    const onProgress = () => {
      const [first] = shelf.texts.keys()
      if (first !== undefined) shelf.removed.add(first)
    }
    const report = await importFolder(root, shelf, { ...unstopped(), onProgress })
    expect(report).toMatchObject({ failed: 0, isWhole: true })
    expect(shelf.folders.size).toBe(2)
  })

  it('that is stopped keeps what it has made, in its folder, and continues', async () => {
    for (let index = 0; index < 10; index++) put(`${index}.md`, `# Note ${index}`)
    const shelf = new Shelf()
    const stop = new AbortController()
    const onProgress = (done: number, total: number) => {
      if (done / total > 0.6) stop.abort()
    }
    const report = await importFolder(root, shelf, { signal: stop.signal, onProgress })
    expect(report.isWhole).toBe(false)
    expect(report.added.length).toBeGreaterThan(0)
    expect(report.added.length).toBeLessThan(10)
    expect(shelf.folders.size).toBe(report.added.length)
    const rest = await importFolder(root, shelf, unstopped())
    expect(rest.known + rest.added.length).toBe(10)
    expect(shelf.shown).toHaveLength(10)
  })
})

describe('an export', () => {
  const documents = [
    { id: '1', title: 'Plan', folder: 'Choir/Spring: 2027' },
    { id: '2', title: 'plan', folder: 'Choir/Spring: 2027' },
    { id: '3', title: '', folder: '' },
    { id: '4', title: '../../etc/passwd', folder: '..' },
  ]
  const read = async (id: string) => ({
    title: documents.find((document) => document.id === id)?.title ?? '',
    text: `Text ${id}.`,
  })
  const files = () =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
      .sort()

  it('writes each document into its folder, under a name to itself', async () => {
    const report = await exportFolder(root, documents, read, unstopped())
    expect(report).toMatchObject({ written: 4, same: 0, failed: 0, isWhole: true })
    expect(files()).toEqual([
      'Choir/Spring 2027/Plan.md',
      'Choir/Spring 2027/plan 2.md',
      'Folder/etc passwd.md',
      'Untitled.md',
    ])
    expect(readFileSync(join(root, 'Choir/Spring 2027/plan 2.md'), 'utf8')).toBe('Text 2.')
  })

  it('writes nothing twice, and never replaces a file', async () => {
    put('Untitled.md', 'Somebody else wrote this.')
    await exportFolder(root, documents, read, unstopped())
    const before = files()
    const again = await exportFolder(root, documents, read, unstopped())
    expect(again).toMatchObject({ written: 0, same: 4 })
    expect(files()).toEqual(before)
    expect(readFileSync(join(root, 'Untitled.md'), 'utf8')).toBe('Somebody else wrote this.')
    expect(readFileSync(join(root, 'Untitled 2.md'), 'utf8')).toBe('Text 3.')
  })

  it('goes on past names that a folder or a file has', async () => {
    put('Choir', 'a file where a folder should be')
    mkdirSync(join(root, 'Untitled.md'))
    const report = await exportFolder(root, documents, read, unstopped())
    expect(report).toMatchObject({ written: 2, failed: 2, isWhole: true })
    expect(report.problems.map(({ title, error }) => [title, error.code])).toEqual([
      ['Plan', 'STORE_WRITE_FAILED'],
      ['plan', 'STORE_WRITE_FAILED'],
    ])
    expect(readFileSync(join(root, 'Untitled 2.md'), 'utf8')).toBe('Text 3.')
  })

  it('ends where nothing may be written', async () => {
    const full = async () => {
      throw new SwarmpadError('STORE_WRITE_FAILED', { what: 'copy', because: 'full' })
    }
    await expect(exportFolder(root, documents, full, unstopped())).rejects.toMatchObject({
      code: 'STORE_WRITE_FAILED',
    })
  })
})
