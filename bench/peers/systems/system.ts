/** How one peer of a system starts. */
export interface PeerOptions {
  /** An empty folder, or one that a peer of this system has left. */
  readonly directory: string
  /** Nodes of the DHT, all on this machine. */
  readonly bootstrap: { host: string; port: number }[]
  /** Address of the system's server, for one that has one. */
  readonly server?: string
  /** The document to open; without it, one is made that begins with `text`. */
  readonly link?: string
  readonly text?: string
  /** Starts without connecting to anybody. */
  readonly offline?: boolean
}

/** One person's program with one document, whatever the system. Positions are in UTF-16 code units. */
export interface Peer {
  /** Opens the same document elsewhere. */
  readonly link: string
  length(): number
  text(): string | Promise<string>
  /** Replaces a range. Resolves, or returns, when the next edit can be given. */
  edit(from: number, to: number, insert: string): void | Promise<void>
  /** Calls `heard` after each change of the text, its own and others'. */
  onChange(heard: () => void): void
  /** Resolves when all edits so far are on disk, as far as this system does that. */
  saved(): Promise<void>
  /** Resolves when all that was stored is in the text. */
  loaded(): Promise<void>
  setOnline(online: boolean): Promise<void>
  close(): Promise<void>
}

/** A system to be measured. */
export interface System {
  readonly name: string
  /** Way between two peers. */
  readonly wire: string
  /** When an edit is on disk. */
  readonly durable: string
  /** Each edit proves its author. */
  readonly signed: boolean
  /** Content is encrypted between the peers, and on disk. */
  readonly sealed: string
  /** Program that runs its server; null for a system without one. */
  readonly server: 'y-websocket' | 'automerge-repo' | null
  /** Loads its program, and nothing of the other systems; returns the function that opens a peer. */
  readonly load: () => Promise<(options: PeerOptions) => Promise<Peer>>
}
