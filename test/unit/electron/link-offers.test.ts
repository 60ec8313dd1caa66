import { expect, it } from 'vitest'
import { LinkOffers } from '../../../main/electron/link-offers'

const opened: string[] = []
const open = async (link: string) => {
  opened.push(link)
  return { id: link }
}
const linkOf = (index: number) => `swarmpad:spw1${index}`
const late = expect.objectContaining({ code: 'REQUEST_LATE' })

it('a link is opened once, when it is accepted and not before', async () => {
  const offers = new LinkOffers<string>()
  const { acceptLink, declineLink } = offers.handlers('window', open)
  const { offer: first } = offers.add(linkOf(1), 'write', 'window')
  const { offer: second } = offers.add(linkOf(2), 'read', 'window')
  expect(offers.askedIn('window')).toEqual([first, second])
  expect(opened).toEqual([])
  expect(JSON.stringify(offers.askedIn('window'))).not.toContain('swarmpad')
  declineLink(first.offer)
  expect(() => acceptLink(first.offer)).toThrow(late)
  expect(await acceptLink(second.offer)).toEqual({ id: linkOf(2) })
  expect(() => acceptLink(second.offer)).toThrow(late)
  expect(opened).toEqual([linkOf(2)])
  expect(offers.askedIn('window')).toEqual([])
})

it('a link that comes again is asked about once, and only so many wait', () => {
  const offers = new LinkOffers<string>()
  const add = (index: number) => offers.add(linkOf(index), 'write', 'window').offer.offer
  for (let time = 0; time < 3; time++) expect(add(0)).toBe(1)
  for (let index = 1; index < 20; index++) add(index)
  expect(() => add(20)).toThrow(expect.objectContaining({ code: 'LINKS_WAITING' }))
  expect(add(19)).toBe(20)
})

it('a link is asked about in one window, and in another one when that has gone', async () => {
  const offers = new LinkOffers<string>()
  const { offer } = offers.add(linkOf(1), 'write', 'first')
  expect(offers.add(linkOf(1), 'write', 'second')).toEqual({ offer, window: 'first' })
  const second = offers.handlers('second', open)
  expect(() => second.acceptLink(offer.offer)).toThrow(late)
  second.declineLink(offer.offer)
  expect(offers.askedIn('first')).toEqual([offer])
  expect(offers.passOn('first', null)).toEqual([offer])
  expect(offers.askedIn('first')).toEqual([])
  // Without a window, it waits for the next one.
  expect(offers.passOn(null, 'second')).toEqual([offer])
  expect(await second.acceptLink(offer.offer)).toEqual({ id: linkOf(1) })
})
