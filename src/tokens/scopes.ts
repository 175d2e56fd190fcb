/** What every token allows; until users have scopes of their own it is granted to everybody. */
export const SCOPE = 'profile';
