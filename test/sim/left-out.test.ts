import { afterEach, describe, expect, it } from 'vitest'
import { keysFromLink, parseLink } from '../../main/keys/link'
import { Cluster } from '../support/cluster'
import { HostileWriter, type HostileWriterOptions } from '../support/hostile-writer'
import { SimNetwork } from '../support/sim-network'

let cluster: Cluster
const writers: HostileWriter[] = []
afterEach(async () => {
  await Promise.all(writers.splice(0).map((writer) => writer.close()))
  await cluster.close()
})

async function open(seed: number): Promise<void> {
  cluster = new Cluster(seed, 2)
  await cluster.open('kept ')
  await cluster.settle()
}

/** Someone comes with the write link; what they wrote before, they share at once. */
async function comes(
  options: Omit<Partial<HostileWriterOptions>, 'keys' | 'environment'>,
  write: (writer: HostileWriter) => Promise<void>,
): Promise<HostileWriter> {
  const keys = keysFromLink(parseLink(await cluster.document(0).link('write')))
  const environment = { clock: cluster.clock, random: (size: number) => cluster.random.bytes(size) }
  const writer = new HostileWriter({ keys, environment, ...options })
  await writer.open()
  await write(writer)
  const name = `hostile ${writers.length}`
  writers.push(writer)
  await writer.share(new SimNetwork({ world: cluster.world, name }))
  return writer
}

const told = (site: number) => cluster.document(site).opened().status.leftOut
const tells = (site: number, count: number) => cluster.until(async () => told(site).length === count, 60_000)

async function exported(site: number): Promise<{ sessions: { [key: string]: unknown }[] }> {
  let text = ''
  for await (const piece of cluster.document(site).quarantine.export('Plan')) text += piece
  return JSON.parse(text)
}

describe('what a hostile writer signs (rule D5)', () => {
  it('is left out for everyone, named, and the document goes on', async () => {
    await open(1)
    const heard: string[] = []
    cluster.document(1).on('error', ({ message }) => heard.push(message))
    const mallory = await comes({ name: 'Mallory' }, async (writer) => {
      await writer.write('before ')
      await writer.writeUnsound('poisoned words')
      await writer.write('after ')
    })
    expect([await tells(0, 1), await tells(1, 1)]).toEqual([true, true])
    await cluster.type(0, '!')
    await cluster.type(1, '?')
    const [text, ...others] = await cluster.settle()
    expect(others).toEqual([text])
    expect([...(text ?? '')].sort().join('')).toBe([...'before kept !?'].sort().join(''))
    expect(told(1)).toEqual([
      {
        key: `unreadable:${mallory.id}`,
        name: 'Mallory',
        fingerprint: expect.stringMatching(/^\w{4}-\w{4}$/),
        kind: 'unreadable',
        dismissed: false,
      },
    ])
    expect(heard[0]).toMatch(/^Edits by Mallory \(\w{4}-\w{4}\) could not be read and were left out\.$/)
  })

  it('where a segment lacks what was signed and a snapshot has it, all come to the text with it (D5, W62)', async () => {
    await open(7)
    const lacking = async (writer: HostileWriter) => {
      await writer.write('before ')
      await writer.writeElsewhere('hidden ')
    }
    const mallory = await comes({}, lacking)
    expect([await tells(0, 1), await tells(1, 1)]).toEqual([true, true])
    expect((await cluster.settle())[0]).not.toContain('hidden')
    await mallory.keepSnapshot()
    const both = async () => (await cluster.texts()).every((text) => text.includes('hidden '))
    expect(await cluster.until(both, 120_000)).toBe(true)
    // Someone who has the log alone gets it from them.
    cluster.crash(1)
    await cluster.start(1)
    await cluster.type(1, '!')
    const texts = await cluster.settle()
    expect(new Set(texts).size).toBe(1)
    expect(texts[0]).toContain('hidden ')
    expect([told(0).length, told(1).length]).toEqual([0, 0])
  })

  it('can be looked at and taken out, with the words that are in it', async () => {
    await open(2)
    const mallory = await comes({}, async (writer) => {
      await writer.write('before ')
      await writer.writeUnsound('poisoned words')
      await writer.write('after ')
    })
    await tells(0, 1)
    const [details] = await cluster.document(0).quarantine.details()
    expect(details).toMatchObject({
      reason: 'This was written by someone else, and passed off as their own.',
      lost: { first: 2, edits: 2, more: false, text: 'poisoned wordsafter ' },
    })
    expect(details?.lost?.size).toBeGreaterThan(500)
    const file = await exported(0)
    expect(file).toMatchObject({
      document: 'Plan',
      whole: true,
      sessions: [
        {
          author: 'Mallory',
          session: mallory.id,
          firstLeftOut: 2,
          leftOut: [
            { number: 2, text: 'poisoned words', change: expect.any(String) },
            { number: 3, text: 'after ', change: expect.any(String) },
          ],
        },
      ],
    })
  })

  it('can be put away, stays away after a restart, and comes back for another session', async () => {
    await open(3)
    await comes({ name: 'Mallory' }, (writer) => writer.writeUnsound('one'))
    await tells(0, 1)
    await cluster.document(0).dismissQuarantine()
    expect(told(0)).toMatchObject([{ dismissed: true }])
    expect(told(1)).toMatchObject([{ dismissed: false }])
    cluster.crash(0)
    await cluster.start(0)
    await tells(0, 1)
    expect(told(0)).toMatchObject([{ name: 'Mallory', dismissed: true }])
    await comes({ name: 'Trudy', identity: 2 }, (writer) => writer.writeBytes(Buffer.alloc(40, 3)))
    await tells(0, 2)
    expect(told(0)).toMatchObject([
      { name: 'Trudy', dismissed: false },
      { name: 'Mallory', dismissed: true },
    ])
  })

  it('is told in bounds, however many sessions someone begins', async () => {
    await open(4)
    for (let count = 0; count < 60; count++)
      await comes({ name: `Mallory ${count}` }, (writer) => writer.writeUnsound(`words ${count}`))
    await cluster.until(async () => cluster.document(0).quarantine.keys().length === 60, 120_000)
    expect(told(0)).toHaveLength(50)
    await cluster.document(0).dismissQuarantine()
    expect(told(0).every(({ dismissed }) => dismissed)).toBe(true)
    const { sessions } = await exported(0)
    expect(sessions).toHaveLength(60)
    await cluster.type(1, 'on')
    expect(new Set(await cluster.settle()).size).toBe(1)
  })
})

it('someone of whom two copies wrote is named, and that can be put away (rule S8)', async () => {
  await open(5)
  const session = cluster.random.bytes(32)
  const copied = await comes({ name: 'Ada', session }, (writer) => writer.write('one '))
  await cluster.until(async () => (await cluster.document(0).text()).includes('one '), 60_000)
  // The copy is further on, so others ask it for more.
  await comes({ name: 'Ada', session }, async (writer) => {
    await writer.write('other ')
    await writer.write('words ')
  })
  expect([await tells(0, 1), await tells(1, 1)]).toEqual([true, true])
  const [entry] = await cluster.document(1).quarantine.details()
  expect(entry).toMatchObject({
    key: `two-histories:${copied.id}`,
    name: 'Ada',
    kind: 'two-histories',
    lost: null,
  })
  expect(cluster.document(1).opened().status.problem).toBeNull()
  await cluster.document(1).dismissQuarantine()
  expect(told(1)).toMatchObject([{ dismissed: true }])
})
