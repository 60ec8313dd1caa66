import * as Automerge from '@automerge/automerge'
import { hex } from '../../main/base/hex'
import { readChangeHeader } from '../../main/replica/change-header'
import { createHandle, genesisChange } from '../../main/replica/genesis'
import type { FaultCode } from '../../preload/messages/codes'

/** Changes of one session that end in one that breaks a rule, before it others that break none. */
export interface BadCase {
  readonly rule: string
  readonly name: string
  /** Made by a session (hex), beside a sound change of another. The last change of the last segment is bad. */
  readonly make: (context: { documentId: Uint8Array; actor: string; other: Uint8Array }) => Uint8Array[]
  readonly code: FaultCode
  readonly why: string
}

/** An operation in the form in which Automerge's own encoder takes it. */
export type Operation = Record<string, unknown>
/** The document and session that a change is made for. */
export type Context = Parameters<BadCase['make']>[0]

/** A change as Automerge encodes it, depending on the genesis alone where nothing else is said. */
export function encode(context: Context, ops: Operation[], over: Record<string, unknown> = {}): Uint8Array {
  const first = readChangeHeader(genesisChange(context.documentId))
  return Automerge.encodeChange({
    actor: context.actor,
    seq: 1,
    startOp: 7,
    time: 0,
    message: null,
    author: null,
    deps: [first.hash],
    ops: ops as never,
    ...over,
  })
}

/** The id of the body. */
export const bodyOf = ({ documentId }: Context) => `1@${hex(documentId)}`
/** An operation that inserts a character into the body. */
export const insert = (context: Context, value: string, elemId = '_head'): Operation => ({
  action: 'set',
  obj: bodyOf(context),
  elemId,
  insert: true,
  value,
  pred: [],
})

/** An operation that deletes the session's own character. */
export const deletion = (context: Context, counter: number): Operation => {
  const id = `${counter}@${context.actor}`
  return { action: 'del', obj: bodyOf(context), elemId: id, pred: [id] }
}

/** Changes of a plain Automerge document of this session. */
export function written(
  context: Context,
  write: (handle: ReturnType<typeof createHandle>, body: string) => void,
) {
  const handle = createHandle(context.actor)
  handle.applyChanges([genesisChange(context.documentId)])
  write(handle, bodyOf(context))
  handle.commit(undefined, 0)
  const change = handle.getLastLocalChange()
  handle.free()
  if (!change) throw new Error('nothing was written')
  return [change]
}

/** A case of a single change. */
export function one(
  rule: string,
  name: string,
  make: (context: Context) => Uint8Array,
  code: FaultCode,
  why: string,
): BadCase {
  return { rule, name, make: (context) => [make(context)], code, why }
}
