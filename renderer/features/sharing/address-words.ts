/** Note on who sees the address of a person who shares. */
export const addressWords = {
  title: 'People you share with can see your IP address',
  about:
    'Swarmpad connects you to them directly, with no server between. What you write is encrypted on the way; only those who have a link can read it.',
} as const
