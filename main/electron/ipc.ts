import { ipcMain, type WebContents, type WebFrameMain } from 'electron'
import { type Calls, callChannel, callNames, type Outcome } from '../../preload/contract/bridge'
import { errorWords } from '../../preload/messages/errors'
import { SwarmpadError } from '../base/errors'
import { hideLinks } from '../keys/link-text'
import { terminalText } from '../keys/terminal-text'
import { checkArguments } from './calls/arguments'
import type { CallHandlers } from './calls/handlers'
import { isOwnPage } from './page-files'

/** Returns the handlers that include the call, for a window's page; null for a foreign page. */
export type HandlersFor = (sender: WebContents, name: keyof Calls) => Promise<Partial<CallHandlers>> | null

/**
 * Answers the calls of the contract, and no others: the sender must be the top frame of one of Swarmpad's
 * windows that shows Swarmpad's page, and every argument must have the right shape.
 */
export function answerCalls(handlersFor: HandlersFor): void {
  for (const name of callNames)
    ipcMain.handle(callChannel(name), async (event, ...given: unknown[]) => {
      try {
        const handlers = isOurs(event.sender, event.senderFrame) ? handlersFor(event.sender, name) : null
        if (!handlers) throw new SwarmpadError('REQUEST_INVALID')
        return { ok: true, value: await answer(await handlers, name, given) } satisfies Outcome<unknown>
      } catch (error) {
        return failed(name, error)
      }
    })
}

function isOurs(sender: WebContents, frame: WebFrameMain | null): boolean {
  return frame !== null && frame === sender.mainFrame && isOwnPage(frame.url)
}

function answer<Name extends keyof Calls>(
  handlers: Partial<CallHandlers>,
  name: Name,
  given: unknown[],
): ReturnType<CallHandlers[Name]> {
  const checked = checkArguments(name, given)
  if (!handlers[name]) throw new SwarmpadError('REQUEST_INVALID')
  // Each name has its own parameters, which TypeScript cannot follow through a table.
  const handler = handlers[name] as (...args: unknown[]) => ReturnType<CallHandlers[Name]>
  return handler(...checked)
}

/** Returns an error as data. Logs an unexpected one without its message, which may contain document text. */
function failed(name: string, error: unknown): Outcome<never> {
  if (error instanceof SwarmpadError)
    return { ok: false, code: error.code, message: hideLinks(errorWords(error)) }
  const { name: kind, stack = '' } = error instanceof Error ? error : new Error('no error')
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  console.error([`swarmpad: ${name} failed: ${kind}`, ...frames].map(terminalText).join('\n'))
  return {
    ok: false,
    code: 'UNEXPECTED',
    message: 'Something unexpected happened. Your text is kept; if it goes on, start Swarmpad again.',
  }
}
