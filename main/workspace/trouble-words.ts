import type { DocumentTrouble } from '../document/replica-client'

const words: Readonly<Record<DocumentTrouble, string>> = {
  full: 'This document can take no more. Copy your text into a new one.',
  damaged:
    'What is stored of this document on this computer is damaged, so not all of it can be shown. Put the profile folder back from a backup. Swarmpad keeps trying.',
  unreadable: 'This document cannot be read here at the moment. Swarmpad keeps trying.',
}

/** Returns the sentence for a reason why a document cannot be read or saved; null for none. */
export const troubleWords = (trouble: DocumentTrouble | null): string | null => trouble && words[trouble]
