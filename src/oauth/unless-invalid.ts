import { InvalidToken } from '../tokens/token-errors.js';

/** The content of a token; undefined for one that is refused, for whatever reason. */
export async function unlessInvalid<Claims>(reading: Promise<Claims>): Promise<Claims | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof InvalidToken) return undefined;
    throw error;
  }
}
