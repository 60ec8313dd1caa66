import { beforeEach, describe, expect, it } from 'vitest'
import { Notifications } from '../../../main/electron/notifications'
import { keysFromWrite } from '../../../main/keys/derive'
import { formatLink } from '../../../main/keys/link'
import { ManualClock } from '../../support/manual-clock'

const plan = { id: 'p', title: 'Plan', people: [] as string[], waiting: false }
const garden = { id: 'g', title: 'Garden', people: [] as string[], waiting: true }
let clock: ManualClock
let settings: { notify: boolean; notifyDetails: boolean }
let isFocused: boolean
let shown: [text: string, id: string | null][]
let notifications: Notifications
/** When others last edited, by document. */
let edits: Map<string, number>
/** Documents in which nobody else wrote. */
let own: Set<string>

beforeEach(() => {
  clock = new ManualClock()
  edits = new Map()
  own = new Set()
  settings = { notify: true, notifyDetails: false }
  isFocused = false
  shown = []
  notifications = new Notifications({
    clock,
    settings: () => settings,
    othersEditedAt: (id) => edits.get(id) ?? null,
    hasOthersWords: (id) => !own.has(id),
    isFocused: () => isFocused,
    show: (text, id) => shown.push([text, id]),
  })
  notifications.note([plan, garden])
})

/** Notes a document that others edited. */
function note(document: typeof plan, othersEditedAt: number): void {
  edits.set(document.id, othersEditedAt)
  notifications.note([document])
}
const pass = () => clock.advance(60_000)

describe('notifications of the system', () => {
  it('tell who joins and that somebody wrote, without a name or a title', async () => {
    notifications.note([{ ...plan, people: ['Ben'] }])
    note({ ...plan, people: ['Ben'] }, 5)
    await pass()
    note(garden, 7)
    await pass()
    expect(shown).toEqual([
      ['Somebody joined a document.', 'p'],
      ['There are new words in a document.', 'g'],
    ])
  })

  it('have names and titles where these are chosen, but no link', async () => {
    settings.notifyDetails = true
    const link = formatLink(keysFromWrite(Buffer.alloc(32, 7)), 'write')
    notifications.note([{ ...plan, people: ['Ben', 'Cleo', 'Keeper'] }])
    await pass()
    note({ ...garden, title: `At ${link}` }, 7)
    await pass()
    expect(shown).toEqual([
      ['Ben, Cleo and “Keeper” joined “Plan”.', 'p'],
      ['There are new words in “At swarmpad:…”.', 'g'],
    ])
  })

  it('are not shown by default, nor for news of before they were chosen', async () => {
    settings.notify = false
    notifications.note([{ ...plan, people: ['Ben'] }])
    await pass()
    settings.notify = true
    note({ ...plan, people: ['Ben', 'Cleo'] }, 9)
    await pass()
    expect(shown).toEqual([])
    note({ ...plan, people: ['Ben', 'Cleo'] }, 10)
    await pass()
    expect(shown).toHaveLength(1)
  })

  it('do not come while a window has the focus, nor for what was seen in it', async () => {
    isFocused = true
    note({ ...plan, people: ['Ben'] }, 5)
    await pass()
    isFocused = false
    note({ ...plan, people: ['Ben'] }, 5)
    await pass()
    // The person comes back before it is shown.
    note({ ...plan, people: ['Ben'] }, 6)
    notifications.focused()
    await pass()
    expect(shown).toEqual([])
  })

  it('come once for each document until somebody looks, together where there are several, with pauses', async () => {
    const times: number[] = []
    for (let edit = 2; edit < 40; edit++) {
      note(plan, edit)
      note(garden, edit)
      await clock.advance(1_000)
      if (shown.length > times.length) times.push(clock.now())
    }
    expect(shown).toEqual([['There is news in 2 documents.', null]])
    const third = { id: 't', title: '', people: [] as string[], waiting: false }
    notifications.note([third])
    note(third, 2)
    await pass()
    notifications.focused()
    note(plan, 99)
    await pass()
    expect(shown.slice(1).map(([, id]) => id)).toEqual(['t', 'p'])
  })

  it('tell that the text of a document has arrived', async () => {
    notifications.note([{ ...garden, waiting: false }])
    await pass()
    expect(shown).toEqual([['There are new words in a document.', 'g']])
  })

  it('do not tell that what the person wrote on another computer has arrived', async () => {
    own.add('g')
    notifications.note([{ ...garden, waiting: false }])
    await pass()
    expect(shown).toEqual([])
  })

  it('forget documents that are gone', async () => {
    note(plan, 5)
    notifications.forget(['p'])
    await pass()
    expect(shown).toEqual([])
  })
})
