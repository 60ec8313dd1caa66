import { expect, it } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { Notices } from '../../../main/workspace/notices'
import type { Notice } from '../../../preload/contract/program'

function begin() {
  const emitted: Notice[] = []
  const notices = new Notices((notice) => emitted.push(notice))
  return { notices, emitted, messages: () => emitted.map(({ message }) => message) }
}

it('the last 20 notices wait until somebody listens, and come once', async () => {
  const { notices, messages } = begin()
  for (let n = 0; n < 25; n++) notices.inform(`notice ${n}`)
  expect(messages()).toEqual([])
  notices.begin()
  await Promise.resolve()
  expect(messages()).toEqual(Array.from({ length: 20 }, (_, n) => `notice ${n + 5}`))
  notices.begin()
  notices.inform('one more')
  await Promise.resolve()
  expect(messages().slice(20)).toEqual(['one more'])
})

it('a loss stays on the screen, and anything else does not', () => {
  const { notices, emitted } = begin()
  notices.begin()
  notices.warn('lost')
  notices.inform('repaired')
  expect(emitted).toEqual([
    { message: 'lost', stays: true },
    { message: 'repaired', stays: false },
  ])
})

it('a failure is reported once until the disk takes a write, with the words of its code', () => {
  const { notices, messages } = begin()
  notices.begin()
  const refused = () => new SwarmpadError('STORE_WRITE_FAILED', { what: 'database' })
  for (let n = 0; n < 3; n++) notices.failed(refused())
  notices.failed(new Error('of the system, which may contain secrets'))
  expect(messages()).toEqual([
    'Nothing can be written to disk. Check that it is not full or read-only.',
    'Something could not be written to disk.',
  ])
  notices.recovered()
  notices.failed(refused())
  expect(messages().length).toBe(3)
})
