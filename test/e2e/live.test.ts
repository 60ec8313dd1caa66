import type { EditorView } from '@codemirror/view'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Desk, patience, Room } from '../support/app'

const room = new Room()
beforeAll(() => room.open())
afterAll(() => room.close())

const wrapping =
  'Benches **that are borrowed** from the *fire brigade* and `the school` for two days. '.repeat(3)
const text = `# Plan

We open at **two**. The [hall](https://example.org/hall) is ours, and [bank.example](https://evil.example/).

## Who does what

- [ ] Ask for benches
- [x] Buy apples
  - ### red *ones*, [green](https://example.org/green) too

1. Ring Theo
44. Ring Mara

> Last year it rained.

---

Heading
---

${`${wrapping}\n\n`.repeat(12)}`

/** The element of the text, in which CodeMirror keeps its editor. */
interface Content {
  readonly cmTile: { readonly view: EditorView }
}

/** Returns the offset of the caret, in UTF-16 code units. */
const head = (desk: Desk) =>
  desk.editor.evaluate((content) => (content as unknown as Content).cmTile.view.state.selection.main.head)

/** Returns the length of the text in the editor, in UTF-16 code units. */
const lengthOf = (desk: Desk) =>
  desk.editor.evaluate((content) => (content as unknown as Content).cmTile.view.state.doc.length)

/** Returns what Chromium tells screen readers of the elements in the text: roles, names and states. */
async function accessible(desk: Desk) {
  const session = await desk.page.context().newCDPSession(desk.page)
  const { nodes } = await session.send('Accessibility.getFullAXTree')
  await session.detach()
  const inText = new Set<string>()
  for (const { nodeId, parentId, role, name } of nodes)
    if (inText.has(parentId ?? '') || (role?.value === 'textbox' && name?.value === 'Document text'))
      inText.add(nodeId)
  const shown = nodes.filter(({ nodeId, ignored }) => inText.has(nodeId) && !ignored)
  return (role: string) =>
    shown
      .filter((node) => node.role?.value === role)
      .map(({ name, properties = [] }) => ({
        name: name?.value,
        level: properties.find((each) => each.name === 'level')?.value.value,
        checked: properties.find((each) => each.name === 'checked')?.value.value,
      }))
}

/** Puts the caret at an offset, as a click there does, and waits until it is drawn. */
async function putCaret(desk: Desk, at: number): Promise<void> {
  await desk.editor.evaluate(async (content, at) => {
    const { view } = (content as unknown as Content).cmTile
    view.focus()
    view.dispatch({ selection: { anchor: at }, scrollIntoView: true, userEvent: 'select.pointer' })
    const frame = () => new Promise((done) => requestAnimationFrame(done))
    await frame()
    await frame()
  }, at)
}

it('Markdown is shown as what it says, to people and to screen readers, and stands still', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create()
  await ada.paste(text)
  await ada.holds(text)
  await putCaret(ada, 0)
  const lines = () => ada.editor.locator('.cm-line').allTextContents()
  const shown = [
    '# Plan',
    '',
    'We open at two. The hall is ours, and bank.example (evil.example).',
    '',
    'Who does what',
    '',
    'Ask for benches',
    'Buy apples',
    '•red ones, green too',
    '',
    '1.Ring Theo',
    '2.Ring Mara',
    '',
    'Last year it rained.',
  ]
  await expect.poll(async () => (await lines()).slice(0, 14)).toEqual(shown)

  // While the button is held, nothing moves under the pointer.
  const place = (await ada.editor.getByText('two', { exact: true }).boundingBox()) ?? expect.fail()
  await ada.page.mouse.move(place.x + place.width / 2, place.y + place.height / 2)
  await ada.page.mouse.down()
  await expect.poll(async () => text.slice(0, await head(ada))).toMatch(/\*\*tw?o?$/)
  expect((await lines())[2]).toBe(shown[2])
  await ada.page.mouse.up()
  await expect.poll(async () => (await lines())[2]).toContain('**two**')
  await putCaret(ada, 0)

  // A double click selects the word, though its marks come to stand under the pointer after the first click.
  await expect.poll(async () => (await lines())[2]).toBe(shown[2])
  await ada.page.mouse.dblclick(place.x + 2, place.y + place.height / 2, { delay: 50 })
  await expect
    .poll(() =>
      ada.editor.evaluate((content) => {
        const { state } = (content as unknown as Content).cmTile.view
        return state.sliceDoc(state.selection.main.from, state.selection.main.to)
      }),
    )
    .toBe('two')
  await putCaret(ada, 0)

  const of = await accessible(ada)
  expect(of('heading').map(({ name, level }) => [name, level])).toEqual([
    ['# Plan', 1],
    ['Who does what', 2],
    ['Heading', 2],
    ['red ones, green too', 3],
  ])
  expect(of('list')).toHaveLength(2)
  expect(of('listitem').map(({ level }) => level)).toEqual([1, 1, 2, 1, 1])
  expect(of('checkbox').map(({ checked }) => checked)).toEqual(['false', 'true'])
  expect(of('link').map(({ name }) => name)).toEqual(['hall', 'bank.example', 'green'])

  // A box is ticked without the caret.
  await ada.page.getByRole('checkbox').first().click()
  await ada.holds(text.replace('[ ] Ask', '[x] Ask'))
  expect(await head(ada)).toBe(0)

  // Whatever marks show, no line changes its height, and the row of the caret stays where it is.
  const moved = await ada.editor.evaluate(async (content) => {
    const { view } = (content as unknown as Content).cmTile
    const frames = async () => {
      for (let frame = 0; frame < 2; frame++) await new Promise((done) => requestAnimationFrame(done))
    }
    const heightOf = (at: number) => {
      const { node } = view.domAtPos(at)
      const element = node instanceof Element ? node : node.parentElement
      return element?.closest('.cm-line')?.getBoundingClientRect().height
    }
    const faults: string[] = []
    for (let number = 1; number <= 17; number++) {
      const line = view.state.doc.line(number)
      const heights = new Set<number | undefined>()
      for (const at of [view.state.doc.line(2).from, line.from, line.to]) {
        view.dispatch({ selection: { anchor: at } })
        await frames()
        heights.add(heightOf(line.from))
      }
      if (heights.size > 1) faults.push(`${line.text}: ${[...heights].join(' ')}`)
    }
    view.dispatch({ selection: { anchor: view.state.doc.line(36).from }, scrollIntoView: true })
    await frames()
    view.scrollDOM.scrollTop += 250
    await frames()
    const { top, bottom } = view.scrollDOM.getBoundingClientRect()
    let tried = 0
    for (let step = 0; step < 40; step++) {
      const { from, to } = view.viewport
      const at = from + Math.floor(((to - from) * ((step * 37) % 100)) / 100)
      const before = view.coordsAtPos(at)
      if (!before || before.top < top + 40 || before.bottom > bottom - 40) continue
      view.dispatch({ selection: { anchor: at } })
      await frames()
      const after = view.coordsAtPos(at)
      tried++
      if (after && Math.abs(after.top + after.bottom - before.top - before.bottom) > 8)
        faults.push(`the caret at ${at} moved from ${before.top} to ${after.top}`)
    }
    return { faults, tried: tried > 5 }
  })
  expect(moved).toEqual({ faults: [], tried: true })

  // At no width does a row begin with the stop after a hidden mark.
  await putCaret(ada, 0)
  const apart = await ada.editor.evaluate((content, stop) => {
    const { view } = (content as unknown as Content).cmTile
    const rowOf = (at: number) => view.coordsAtPos(at, 1)?.bottom
    const widths: number[] = []
    const rows = new Set<number | undefined>()
    for (let width = 150; width < 400; width += 2) {
      view.dom.style.width = `${width}px`
      rows.add(rowOf(stop))
      if (rowOf(stop) !== rowOf(stop - '**'.length - 1)) widths.push(width)
    }
    view.dom.style.width = ''
    return { widths, wraps: rows.size > 1 }
  }, text.indexOf('**. The') + 2)
  expect(apart).toEqual({ widths: [], wraps: true })

  // Source mode shows it as it is written, and back; the menu says which.
  await putCaret(ada, 0)
  const isChecked = () =>
    ada.app.evaluate(({ Menu }) =>
      Menu.getApplicationMenu()?.items.some((item) =>
        item.submenu?.items.some(({ label, checked }) => /Mar&kdown/.test(label) && checked),
      ),
    )
  await ada.menu('Show all Markdown marks')
  await expect.poll(async () => (await lines())[2]).toBe(text.split('\n')[2])
  await expect.poll(isChecked).toBe(true)
  await ada.menu('Show all Markdown marks')
  await expect.poll(async () => (await lines())[2]).toBe(shown[2])
  await expect.poll(isChecked).toBe(false)

  // Another person's caret in the hidden marks stands at the edge of the word; their link opens nothing here.
  const ben = await room.desk({ name: 'Ben' })
  await ben.join(await ada.link())
  await expect.poll(() => lengthOf(ben), { timeout: patience }).toBe(text.length)
  await putCaret(ben, text.indexOf('**two') + 1)
  const caret = ada.page.locator('.remote-caret')
  const word = ada.editor.locator('.md-strong').first()
  await expect
    .poll(async () => {
      const [place, box] = [await caret.boundingBox(), await word.boundingBox()]
      return place && box && Math.abs(place.x - box.x) < 4 && Math.abs(place.y - box.y) < 12
    })
    .toBe(true)

  // The site of a link is asked about once in a document.
  await ada.app.evaluate(({ dialog, shell }) => {
    const seen = { asked: 0, opened: [] as string[] }
    Object.assign(globalThis, { seen })
    dialog.showMessageBox = (async () => {
      seen.asked++
      return { response: 0, checkboxChecked: false }
    }) as typeof dialog.showMessageBox
    shell.openExternal = async (address: string) => void seen.opened.push(address)
  })
  type Seen = { asked: number; opened: string[] }
  const seen = () => ada.app.evaluate(() => (globalThis as unknown as { seen: Seen }).seen)
  await putCaret(ada, text.indexOf('hall]') + 2)
  await ada.page.keyboard.press('Alt+Enter')
  await expect.poll(seen).toEqual({ asked: 1, opened: ['https://example.org/hall'] })
  await ada.page.getByRole('link', { name: 'hall' }).click({ modifiers: ['Control'] })
  await expect.poll(async () => (await seen()).opened).toHaveLength(2)
  expect((await seen()).asked).toBe(1)

  // The card of a link changes its address and leaves its words; the other person has it at once.
  const card = ada.page.getByRole('group', { name: 'Link' }).filter({ hasText: 'https://evil.example/' })
  // A pointer that rests is not heard when the text moves under it just then: people move it a little.
  await expect
    .poll(
      async () => {
        await ada.page.getByRole('link', { name: 'bank.example' }).hover({ position: { x: 1, y: 4 } })
        await ada.page.getByRole('link', { name: 'bank.example' }).hover()
        return card.count()
      },
      { interval: 1_000 },
    )
    .toBe(1)
  await card.getByRole('button', { name: 'Edit' }).click()
  await ada.page.getByLabel('Address').fill('bank.example')
  await ada.page.keyboard.press('Enter')
  await ben.holds(text.replace('[ ] Ask', '[x] Ask').replace('https://evil.example/', 'https://bank.example'))
  await expect.poll(async () => (await lines())[2]).toContain('and bank.example.')
  expect([...ada.errors, ...ben.errors]).toEqual([])
})
