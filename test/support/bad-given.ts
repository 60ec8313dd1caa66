import type { Handle } from '../../main/replica/genesis'
import { maxDepth } from '../../main/replica/references'
import { type BadCase, bodyOf, type Context, encode, type Operation, one, written } from './bad-case'
import { withBytesAt } from './change-bytes'

const unknownForm = ['CHANGE_MALFORMED', 'change: an operation of an unknown form'] as const
const unknownReference = [
  'REFERENCE_UNKNOWN',
  'change: built on something that its ancestors did not make',
] as const
const badRanges = ['CHANGE_MALFORMED', 'change: ranges of an unknown form'] as const
const wrongLength = ['CHANGE_MALFORMED', 'change: given text of a wrong length'] as const

/** Counter of the operation that makes the anchor; the next one attaches the given text. */
const anchorCounter = 7
const given = 'given'
/** Another session's name. */
const stranger = '0'.repeat(16)

const nameOf = ({ actor }: Context) => actor.slice(0, 16)
const anchorOf = ({ actor }: Context) => `${anchorCounter}@${actor}`
const makeAnchor = (context: Context): Operation => ({
  action: 'makeMap',
  obj: bodyOf(context),
  elemId: '_head',
  insert: true,
  pred: [],
})

/** A change that makes an anchor and then puts values there. Where one has `bytes`, its string stands for bytes. */
function onAnchor(context: Context, puts: readonly Operation[]): Uint8Array {
  const rows = puts.flatMap(({ bytes }, index) => (bytes ? [index + 1] : []))
  const made = puts.map(({ bytes, ...put }) => ({
    ...{ action: 'set', obj: anchorOf(context), pred: [] },
    ...put,
  }))
  return withBytesAt(encode(context, [makeAnchor(context), ...made]), new Set(rows))
}

/** The same with given text, which the first of these operations follows. */
const onGiven = (context: Context, puts: readonly Operation[]): Uint8Array =>
  onAnchor(context, [{ key: 's', value: given }, ...puts])

/** The name of the operation that follows the anchor's after others. */
const nth = ({ actor }: Context, index: number) => `${anchorCounter + index}@${actor}`

/** A change of a program that puts whatever it likes on an anchor. */
const byProgram = (
  context: Context,
  write: (handle: Handle, anchor: string, name: string) => void,
): Uint8Array =>
  written(context, (handle, body) => {
    handle.splitBlock(body, 0, {})
    const [, anchor] = handle.getWithType(body, 0) ?? []
    write(handle, anchor as string, nameOf(context))
  })[0] ?? new Uint8Array()

type Fault = readonly [code: BadCase['code'], why: string]

/** A case of a change that puts these values after given text. */
const after = (name: string, puts: (context: Context) => Operation[], [code, why]: Fault): BadCase =>
  one('D3', name, (context) => onGiven(context, puts(context)), code, why)

/** A case of a change that puts these values, and nothing else, on an anchor. */
const only = (name: string, puts: (context: Context) => Operation[], [code, why]: Fault): BadCase =>
  one('D3', name, (context) => onAnchor(context, puts(context)), code, why)

/** A case of a value that takes these ranges out of given text. */
const ranges = (name: string, value: readonly number[], [code, why]: Fault): BadCase =>
  one(
    'D3',
    name,
    (context) =>
      byProgram(context, (handle, anchor, name) => {
        handle.put(anchor, 's', given, 'str')
        handle.put(anchor, `-${name}.0`, Uint8Array.from(value), 'bytes')
      }),
    code,
    why,
  )

const pastEnd = ['CHANGE_MALFORMED', 'change: ranges past the end of given text'] as const
const page = { action: 'makeText', key: 't' }
const firstValue = (context: Context): Operation => ({
  key: `-${nameOf(context)}.0`,
  value: '\0\u0001',
  bytes: true,
})

/** Each rule about given text, broken once. */
export const badGivenCases: readonly BadCase[] = [
  only('a number as given text', () => [{ key: 's', value: 7, datatype: 'int' }], unknownForm),
  only('nothing as given text', () => [{ key: 's', value: null }], unknownForm),
  only('bytes as given text', () => [{ key: 's', value: given, bytes: true }], unknownForm),
  only('a page as given text', () => [{ action: 'makeText', key: 's' }], unknownForm),
  only('a map as given text', () => [{ action: 'makeMap', key: 's' }], unknownForm),
  only('empty given text', () => [{ key: 's', value: '' }], wrongLength),
  only('given text that is too long', () => [{ key: 's', value: 'x'.repeat(16_385) }], wrongLength),
  only('given text beside a page', () => [page, { key: 's', value: given }], unknownReference),
  after('a page beside given text', () => [page], unknownReference),
  after('given text that is put twice', () => [{ key: 's', value: 'other' }], unknownReference),
  after(
    'given text that is replaced',
    (context) => [{ key: 's', value: 'other', pred: [nth(context, 1)] }],
    unknownForm,
  ),
  after(
    'given text that is deleted',
    (context) => [{ action: 'del', key: 's', pred: [nth(context, 1)] }],
    unknownForm,
  ),
  one(
    'D3',
    'given text that does not follow its anchor',
    (context) =>
      encode(context, [
        makeAnchor(context),
        { ...makeAnchor(context) },
        { action: 'set', obj: `${anchorCounter + 1}@${context.actor}`, key: 's', value: given, pred: [] },
        { action: 'set', obj: anchorOf(context), key: 's', value: given, pred: [] },
      ]),
    'STRUCTURE_UNUSUAL',
    'change: an anchor without a page',
  ),
  only(
    'more given text than one change may hold',
    () => [
      { key: 's', value: '\u6f22'.repeat(16_384) },
      ...Array(3).fill({ key: 's', value: '\u6f22'.repeat(16_384) }),
    ],
    ['CHANGE_MALFORMED', 'change: too much given text'],
  ),
  one(
    'D6',
    'given text that is nested too deep',
    (context) =>
      byProgram(context, (handle, anchor, name) => {
        let at = anchor
        for (let depth = 2; depth <= maxDepth; depth++) {
          handle.put(at, 's', given, 'str')
          const kid = handle.putObject(at, `+0.${name}`, '')
          handle.splitBlock(kid, 0, {})
          at = (handle.getWithType(kid, 0) ?? [])[1] as string
        }
        handle.put(at, 's', given, 'str')
      }),
    'STRUCTURE_UNUSUAL',
    'change: nested too deep',
  ),
  after(
    'a page past the end of given text',
    (context) => [{ ...page, key: `+6.${nameOf(context)}` }],
    unknownReference,
  ),
  after(
    'a page at a place with a zero in front',
    (context) => [{ ...page, key: `+03.${nameOf(context)}` }],
    unknownForm,
  ),
  after("a page in given text under another's name", () => [{ ...page, key: `+3.${stranger}` }], unknownForm),
  after(
    'two pages of a session at one place in given text',
    (context) => Array(2).fill({ ...page, key: `+3.${nameOf(context)}` }),
    ['STRUCTURE_UNUSUAL', 'change: two pages at one key'],
  ),
  after(
    'a map in place of a page in given text',
    (context) => [{ action: 'makeMap', key: `+3.${nameOf(context)}` }],
    unknownForm,
  ),
  after(
    'a page in given text that is deleted',
    (context) => [
      { ...page, key: `+3.${nameOf(context)}` },
      { action: 'del', key: `+3.${nameOf(context)}`, pred: [nth(context, 2)] },
    ],
    unknownForm,
  ),
  only(
    'a page at a place of an anchor without given text',
    (context) => [page, { ...page, key: `+0.${nameOf(context)}` }],
    unknownReference,
  ),
  only('a value on an anchor without given text', (context) => [page, firstValue(context)], unknownReference),
  ranges('a range past the end of given text', [0, 6], unknownReference),
  ranges('a range past the end of all given text', [0x80, 0x80, 1, 1], pastEnd),
  ranges('a range of nothing', [0, 0], badRanges),
  ranges('ranges that touch', [0, 1, 0, 1], badRanges),
  ranges('a range that is cut short', [0, 1, 1], ['CHANGE_MALFORMED', 'change: cut short']),
  ranges('a number that is cut short', [0x80], ['CHANGE_MALFORMED', 'change: cut short']),
  ranges(
    'a range of more than numbers can say',
    [0, ...Array(12).fill(0xff), 1],
    ['CHANGE_MALFORMED', 'change: number too large'],
  ),
  ranges(
    'a range whose length is not in its shortest form',
    [0, 0x81, 0],
    ['CHANGE_MALFORMED', 'change: a number is not in its shortest form'],
  ),
  one(
    'D3',
    'more ranges than one value may have',
    (context) =>
      byProgram(context, (handle, anchor, name) => {
        handle.put(anchor, 's', 'x'.repeat(16_384), 'str')
        handle.put(anchor, `-${name}.0`, new Uint8Array(2 * 4_097).fill(1), 'bytes')
      }),
    ...badRanges,
  ),
  after('a string in place of ranges', (context) => [{ ...firstValue(context), bytes: false }], unknownForm),
  after(
    "a value under another's name",
    () => [{ key: `-${stranger}.0`, value: '\0\u0001', bytes: true }],
    unknownReference,
  ),
  after(
    'a value whose number has a zero in front',
    (context) => [{ ...firstValue(context), key: `-${nameOf(context)}.00` }],
    unknownReference,
  ),
  after(
    'a value with a number of ten digits',
    (context) => [{ ...firstValue(context), key: `-${nameOf(context)}.1000000000` }],
    unknownReference,
  ),
  after(
    'a value beside the one before',
    (context) => [firstValue(context), { ...firstValue(context), value: '' }],
    ['STRUCTURE_UNUSUAL', 'change: a value in place of another one'],
  ),
  after(
    'a value in place of the given text',
    (context) => [{ ...firstValue(context), pred: [nth(context, 1)] }],
    ['STRUCTURE_UNUSUAL', 'change: a value in place of another one'],
  ),
  after(
    'a value that changes nothing',
    (context) => [firstValue(context), { ...firstValue(context), pred: [nth(context, 2)] }],
    ['STRUCTURE_UNUSUAL', 'change: a value that changes nothing'],
  ),
  after(
    'a value that is deleted',
    (context) => [
      firstValue(context),
      { action: 'del', key: `-${nameOf(context)}.0`, pred: [nth(context, 2)] },
    ],
    unknownForm,
  ),
]
