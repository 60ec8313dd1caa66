/** Part of the peers' state that changed: 'carets' for their carets and nothing else. */
export type PeerChange = 'carets' | 'any'
