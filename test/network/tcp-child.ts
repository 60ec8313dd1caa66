import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { answer, say } from '../support/lab/child-side'

/** Sends or fetches bytes over a plain connection of TCP, to tell what a line lets through. */
answer({
  serve: async (size) => {
    const server = createServer((socket) =>
      socket.on('error', () => undefined).end(Buffer.alloc(Number(size), 1)),
    )
    await once(server.listen(0), 'listening')
    return (server.address() as AddressInfo).port
  },
  /** Resolves to how long it took until all was there, in ms. */
  fetch: async (from) => {
    const [host = '', port = ''] = from.split(':')
    const begun = performance.now()
    const socket = connect(Number(port), host).resume()
    await once(socket, 'end')
    return Math.round(performance.now() - begun)
  },
})
say('ready')
