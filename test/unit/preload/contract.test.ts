import { expect, it } from 'vitest'
import { maxPassphrase } from '../../../main/keys/passphrase'
import { maxReceivers } from '../../../main/log/format/successor'
import * as shapes from '../../../preload/contract/shapes'

it('the contract has the limits of what it asks for', () => {
  expect([shapes.maxPassphrase, shapes.maxReceivers]).toEqual([maxPassphrase, maxReceivers])
})
