import { expect, test } from 'vitest'
import { hex } from '../../../main/base/hex'
import { fingerprint } from '../../../main/keys/identity'
import { authorOf, authorsOf } from '../../../main/log/authors'
import { setUp } from './open-log'

test('a document says who wrote in it, each author once, to who can read it (C3)', async () => {
  const { log, session, change, keys, identity } = await setUp()
  const [first, second] = [session('Ada'), session('Ada')]
  for (const mine of [first, second]) await log.append(mine, [change()])
  const content = keys.content ?? expect.fail()
  const authors = authorsOf({ log, content })
  expect(authors.map(({ name, authorKey }) => [name, fingerprint(authorKey)])).toEqual([
    ['Ada', fingerprint(identity.publicKey)],
  ])
  expect(authorOf({ log, content }, hex(first.session))?.name).toBe('Ada')
})

test('a session that is unknown, or that another key seals, has no author', async () => {
  const { log, session, change, keys, random } = await setUp()
  const mine = session('Ada')
  await log.append(mine, [change()])
  const content = keys.content ?? expect.fail()
  expect(authorOf({ log, content }, hex(random.bytes(32)))).toBe(null)
  expect(authorOf({ log, content: random.bytes(32) }, hex(mine.session))).toBe(null)
})
