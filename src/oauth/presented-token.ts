import type { Request, Response } from 'express';
import { readFormFields } from '../common/form-body.js';
import { singleFields } from '../common/oauth-form.js';

const KNOWN = ['token', 'token_type_hint', 'client_id', 'client_secret'] as const;

/** The form of RFC 7009 §2.1 and RFC 7662 §2.1, with every field at most once. */
export type TokenForm = ReadonlyMap<(typeof KNOWN)[number], string>;

/** No token of latchkey's is longer: nobody could send it in a header. */
export const LONGEST_TOKEN = 8_192;

/** @throws what `readFormFields` and `singleFields` throw */
export async function readTokenForm(request: Request, response: Response): Promise<TokenForm> {
  return singleFields(await readFormFields(request, response), KNOWN);
}
