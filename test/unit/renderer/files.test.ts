import { expect, it } from 'vitest'
import { FilesState } from '../../../renderer/features/clipboard/files.svelte'
import { Toasts } from '../../../renderer/features/toasts/toasts.svelte'
import { Border } from './border'

const window = () => {
  const border = new Border()
  const toasts = new Toasts()
  const files = new FilesState(border, toasts, { show: () => undefined, choose: () => undefined })
  const messages = () => toasts.list.map(({ message }) => message)
  return { border, toasts, files, messages }
}
const problems = (count: number) => Array.from({ length: count }, (_, index) => `“${index}” is a folder.`)

it.each([
  [0, []],
  [1, ['“0” is a folder.']],
  [3, ['“0” is a folder. “1” is a folder. “2” is a folder.']],
  [4, ['“0” is a folder. “1” is a folder. “2” is a folder. And one more file could not be opened.']],
  [100, ['“0” is a folder. “1” is a folder. “2” is a folder. And 97 more files could not be opened.']],
])('what is wrong with %i files is one message', async (count, told) => {
  const opened = window()
  const stop = opened.files.start()
  opened.border.tell('filesOpened', { documents: [], backup: null, problems: problems(count) })
  stop()
  expect(opened.messages()).toEqual(told)

  const read = window()
  read.border.answers.readFiles = () => ({ ok: true, value: { texts: [], problems: problems(count) } })
  await read.files.read([new File(['a'], 'a.md')])
  expect(read.messages()).toEqual(told)
})

it('a picture that is too large is not saved, and the person hears of it', async () => {
  const { border, toasts, files, messages } = window()
  const picture = new File(['a'], 'a.png', { type: 'image/png' })
  Object.defineProperty(picture, 'size', { value: 64 * 1024 * 1024 + 1 })
  await files.open([picture])
  toasts.list[0]?.action?.run()
  await expect
    .poll(messages)
    .toContain('The picture is larger than 64 MB. That is too much to be saved from here.')
  expect(border.asked).toEqual([])
})
