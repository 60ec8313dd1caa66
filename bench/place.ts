import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import createTestnet from 'hyperdht/testnet.js'

/** A DHT on this machine and folders that go away, for one bench. */
export class Place {
  private readonly folders: string[] = []
  private readonly testnet: Awaited<ReturnType<typeof createTestnet>>

  private constructor(testnet: Awaited<ReturnType<typeof createTestnet>>) {
    this.testnet = testnet
  }

  /** Starts the DHT. */
  static async open(): Promise<Place> {
    return new Place(await createTestnet(4))
  }

  /** Nodes to begin with. */
  get bootstrap(): { host: string; port: number }[] {
    return this.testnet.bootstrap
  }

  /** A new empty folder. */
  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'swarmpad-bench-'))
    this.folders.push(folder)
    return folder
  }

  /** Ends the DHT and removes the folders. */
  async close(): Promise<void> {
    await this.testnet.destroy()
    for (const folder of this.folders) rmSync(folder, { recursive: true, force: true })
  }
}

/** The built file of a thread, which stands beside the benches. */
export const workerFile = (name: 'worker.js' | 'search-worker.js'): URL =>
  new URL(`./${name}`, pathToFileURL(process.argv[1] ?? ''))

/** Resolves after so many ms. */
export const pause = (span: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, span))
