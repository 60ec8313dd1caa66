import { expect, it } from 'vitest'
import { unsavedWords, unsharedWords } from '../../../main/electron/unshared-words'

it('asks about one document by its title', () => {
  const { message, detail } = unsharedWords(['Plans'])
  expect(message).toBe('Your last words in “Plans” are on this computer only')
  expect(detail).not.toContain('Plans')
})

it('names five of many, and the number of the rest', () => {
  const { message, detail } = unsharedWords(['A', 'B', 'C', 'D', 'E', 'F', 'G'])
  expect(message).toBe('Your last words in 7 documents are on this computer only')
  expect(detail.split('\n\n')[1]).toBe('“A”\n“B”\n“C”\n“D”\n“E”\nand 2 more')
})

it('says of words that are not saved that they are lost, and never that they are saved', () => {
  const { message, detail, buttons } = unsavedWords(['Plans'])
  expect(message).toBe('Your last words in “Plans” are not saved')
  expect(detail).toMatch(/lost when Swarmpad ends/)
  expect(detail).not.toMatch(/saved here/)
  expect(buttons).toEqual(['Stay', 'Quit and lose them'])
  expect(unsavedWords(['A', 'B']).detail.split('\n\n')[1]).toBe('“A”\n“B”')
})
