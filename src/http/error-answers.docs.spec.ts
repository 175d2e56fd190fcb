import { describe, expect, it } from '@jest/globals';
import { ApiOAuthError, ApiProblem } from './error-answers.docs.js';
import { ContentTooLarge, EncodedContent, NotReady } from './request-errors.js';

describe.each([
  ['ApiProblem', ApiProblem],
  ['ApiOAuthError', ApiOAuthError],
])('%s', (_, document) => {
  const description = 'A body over 64 KiB';

  it('takes errors of one status', () => {
    expect(() => document({ description, examples: [new ContentTooLarge()] })).not.toThrow();
  });

  it.each([
    ['none', []],
    ['two statuses', [new ContentTooLarge(), new EncodedContent()]],
  ])('refuses %s', (_, examples) => {
    expect(() => document({ description, examples })).toThrow(TypeError);
  });

  it('refuses a header that an example does not have', () => {
    const headers = { 'Retry-After': 'Seconds', Allow: 'GET' };
    expect(() => document({ description, headers, examples: [new NotReady()] })).toThrow(/Allow/);
  });
});
