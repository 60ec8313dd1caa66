import { beforeEach, describe, expect, it } from 'vitest'
import { SharingState } from '../../../renderer/features/sharing/sharing.svelte'
import { Toasts } from '../../../renderer/features/toasts/toasts.svelte'
import { Border } from './border'

let border: Border
let toasts: Toasts
let opened: string[]
let sharing: SharingState
beforeEach(() => {
  border = new Border()
  toasts = new Toasts()
  opened = []
  sharing = new SharingState(border, toasts, {
    show: () => undefined,
    opened: (id) => opened.push(id),
    chooseLink: () => opened.push('choice'),
    replaced: () => undefined,
    acknowledgeAddress: () => undefined,
  })
})

const told = () => toasts.list.map(({ message }) => message)

describe('a text that is dropped', () => {
  it('is looked through once for the link that is opened', async () => {
    border.answers.openLink = () => ({ ok: true, value: { id: 'one' } })
    await sharing.openDropped(' a link ')
    expect([border.asked, opened, told()]).toEqual([['openLink a link'], ['one'], []])
  })

  it('is ignored without a link, while anything else that is wrong is told', async () => {
    border.answers.openLink = () => ({ ok: false, code: 'LINK_UNKNOWN', message: 'There is no link.' })
    await sharing.openDropped('some words')
    expect(told()).toEqual([])
    border.answers.openLink = () => ({ ok: false, code: 'LINK_SEVERAL', message: 'There are several.' })
    border.answers.linksIn = () => ({ ok: false, code: 'CLOSED', message: 'Swarmpad closes.' })
    await sharing.openDropped('two links')
    expect([opened, told()]).toEqual([[], ['Swarmpad closes.']])
    border.answers.linksIn = () => ({ ok: true, value: [] })
    await sharing.openDropped('two links')
    expect([opened, told()]).toEqual([['choice'], ['Swarmpad closes.']])
  })
})
