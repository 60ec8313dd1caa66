import { expect, it } from 'vitest'
import { LinkOffers } from '../../../main/electron/link-offers'

const opened: string[] = []
const open = async (link: string) => {
  opened.push(link)
  return { id: link }
}
const linkOf = (index: number) => `swarmpad:spw1${index}`

it('a link is opened once, when it is accepted and not before', async () => {
  const offers = new LinkOffers()
  const { acceptLink, declineLink } = offers.handlers(open)
  const first = offers.add(linkOf(1), 'write')
  const second = offers.add(linkOf(2), 'read')
  expect(offers.all).toEqual([first, second])
  expect(opened).toEqual([])
  expect(JSON.stringify(offers.all)).not.toContain('swarmpad')
  declineLink(first.offer)
  expect(() => acceptLink(first.offer)).toThrow(expect.objectContaining({ code: 'REQUEST_LATE' }))
  expect(await acceptLink(second.offer)).toEqual({ id: linkOf(2) })
  expect(() => acceptLink(second.offer)).toThrow(expect.objectContaining({ code: 'REQUEST_LATE' }))
  expect(opened).toEqual([linkOf(2)])
  expect(offers.all).toEqual([])
})

it('a link that comes again is asked about once, and only so many wait', () => {
  const offers = new LinkOffers()
  for (let time = 0; time < 3; time++) expect(offers.add(linkOf(0), 'write').offer).toBe(1)
  for (let index = 1; index < 20; index++) offers.add(linkOf(index), 'write')
  expect(() => offers.add(linkOf(20), 'write')).toThrow(expect.objectContaining({ code: 'LINKS_WAITING' }))
  expect(offers.add(linkOf(19), 'write').offer).toBe(20)
})
