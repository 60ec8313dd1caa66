import * as v from 'valibot'

/** Longest text of a name or a word, in UTF-16 code units. */
export const maxWord = 1_000
/** Longest text that links are looked for in, in UTF-16 code units: a long mail fits. */
export const maxLink = 16_384
/** Longest address that is opened outside Swarmpad, in UTF-16 code units. */
export const maxAddress = 4_000

/** Longest passphrase, in UTF-16 code units. */
export const maxPassphrase = 1_024

/** Maximum number of people who receive a new link at once. */
export const maxReceivers = 255

/** A text of bounded length. */
export const text = v.pipe(v.string(), v.maxLength(maxWord))

/** A text that a link is looked for in. */
export const linkText = v.pipe(v.string(), v.maxLength(maxLink))

/** An address to be opened outside Swarmpad. */
export const address = v.pipe(v.string(), v.maxLength(maxAddress))

/** A passphrase. */
export const passphrase = v.pipe(v.string(), v.maxLength(maxPassphrase))

/** True or false. */
export const flag = v.boolean()

/** A whole number from 0, small enough to be exact. */
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** A document's id: 64 hexadecimal letters. */
export const documentId = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))

/** A key that is no secret: 64 hexadecimal letters. */
export const key = documentId

/** Keys of the people who receive a new link. */
export const keys = v.pipe(v.array(key), v.maxLength(maxReceivers))

/** The access that a link grants. */
export const linkKind = v.picklist(['write', 'read', 'keep'])

/** An object of which each field may be left out. An array would pass for one without fields. */
export const fieldsOf = <const Fields extends v.ObjectEntries>(fields: Fields) =>
  v.pipe(
    v.unknown(),
    v.check((given) => !Array.isArray(given)),
    v.object(fields),
  )

/** The shapes of a call's arguments, in order. */
type Shapes = readonly v.GenericSchema[]

/** A call of the bridge: the shapes of its arguments, and the type of its answer. */
export interface Call<Args extends unknown[], Answer> {
  /** Returns the arguments if they have their shapes, without fields that are not in them; else null. */
  check(given: readonly unknown[]): Args | null
  /** Carries the type of the answer; there is no such value. */
  readonly answer?: Answer
}

/** Declares a call by the shapes of its arguments; `returns` gives the type of its answer. */
export function call<const Given extends Shapes>(...shapes: Given) {
  type Args = { -readonly [Index in keyof Given]: v.InferOutput<Given[Index]> }
  const whole = v.strictTuple([...shapes])
  return {
    returns: <Answer>(): Call<Args, Answer> => ({
      check: (given) => {
        const result = v.safeParse(whole, given, { abortEarly: true })
        return result.success ? (result.output as Args) : null
      },
    }),
  }
}

/** An event of the bridge: the type of its detail. */
export interface Event<Detail> {
  /** Carries the type; there is no such value. */
  readonly detail?: Detail
}

/** Declares an event by the type of its detail. */
export const event = <Detail>(): Event<Detail> => ({})
