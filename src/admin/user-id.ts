/** The largest that PostgreSQL's integer holds. */
const LARGEST = 2_147_483_647;

/** @returns undefined for what can't be a user's id */
export function parseUserId(text: string): number | undefined {
  const id = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  return id > 0 && id <= LARGEST ? id : undefined;
}
