/** How to start a desk. */
export interface DeskOptions {
  /** The person's name; without one the window asks for it. */
  readonly name?: string
  /** A profile that was used before. */
  readonly profile?: string
  /** DHT nodes instead of the test's own. */
  readonly bootstrap?: string
  /** A link or a file to open at the start. */
  readonly opening?: string
  readonly dark?: boolean
  /** A new profile begins with the document that welcomes people. */
  readonly welcome?: boolean
  /** Chromium's name of a keyring, and the environment in which it is found. */
  readonly keyring?: { kind: string; env: Record<string, string> }
}
