import type { SecretStream } from 'hyperdht'

/** Maximum size of an encrypted message in bytes; frames are refused well below it. Rule W11. */
export const maxMessage = 1024 * 1024

/**
 * Ends a connection whose peer begins a message that is too large. By itself the encrypted stream would keep
 * up to 16 MiB of it for as long as the peer takes to send the rest. To be called when the stream is open.
 */
export function boundMessages(stream: SecretStream): void {
  const { rawStream } = stream
  if (typeof stream._len !== 'number' || !rawStream)
    throw new Error('the encrypted stream has changed: look again at how its messages are bounded')
  // The stream's own listener came first, so the announced size is known here.
  rawStream.on('data', () => {
    if (stream._len > maxMessage) stream.destroy()
  })
}
