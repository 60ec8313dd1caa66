const gibibyte = 1024 ** 3

/** Messages by the exhausted resource; `limit` in bytes. */
const messages: Readonly<Record<'document' | 'profile' | 'disk', (limit: number) => string>> = {
  document: (limit) =>
    `This document has reached the ${sizeWords(limit)} that it may take on this computer, so nothing new is taken in from others. You can go on writing.`,
  profile: (limit) =>
    `Your documents together have reached the ${sizeWords(limit)} that they may take on this computer, so nothing new is taken in from others. You can go on writing.`,
  disk: () =>
    'The disk of this computer is almost full, so nothing new is taken in from others. Free some space: what you write needs it too. It goes on by itself.',
}

/** Returns the message for a limit (bytes) that others' edits have reached, with a remedy. */
export function shortageWords({ cause, limit }: { cause: keyof typeof messages; limit: number }): string {
  return messages[cause](limit)
}

const sizeWords = (size: number): string =>
  size < gibibyte ? `${Math.max(1, Math.round(size / 1024 ** 2))} MB` : `${Math.round(size / gibibyte)} GB`
