import { describe, expect, it } from '@jest/globals';
import { basicCredentials } from './basic-credentials.js';

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
const basic = (text: string | Buffer) => `Basic ${base64(text)}`;

describe('basicCredentials', () => {
  it.each([
    ['id and secret', basic('app:s3cret'), 'app', 's3cret'],
    ['a scheme in different case', `bASIC ${base64('app:s3cret')}`, 'app', 's3cret'],
    ['more spaces after the scheme', `Basic   ${base64('app:s3cret')}`, 'app', 's3cret'],
    ['no secret', basic('app:'), 'app', ''],
    ['no id', basic(':s3cret'), '', 's3cret'],
    ['a colon in the secret', basic('app:a:b:'), 'app', 'a:b:'],
    ['percent-encoding', basic('a%2Dp%3Ap:%25%C3%A9%26'), 'a-p:p', '%é&'],
    ['a plus for a space, and %2B for a plus', basic('a+p:s%2B1+x'), 'a p', 's+1 x'],
    ['characters that need no encoding', basic('a.p_p~1-:x'), 'a.p_p~1-', 'x'],
    ['UTF-8 that is not encoded', basic('app:é'), 'app', 'é'],
  ])('reads %s', (_, header, id, secret) => {
    expect(basicCredentials(header)).toEqual({ id, secret });
  });

  it.each([
    ['nothing', ''],
    ['another scheme', 'Bearer abc'],
    ['another scheme with credentials', `Digest ${base64('app:s3cret')}`],
    ['a longer scheme', `Basic2 ${base64('app:s3cret')}`],
    ['a tab after the scheme', `Basic\t${base64('app:s3cret')}`],
    ['the empty client that Swagger UI sends', 'Basic Og=='],
  ])('finds no client in %s', (_, header) => {
    expect(basicCredentials(header)).toBeUndefined();
  });

  it.each([
    ['the scheme alone', 'Basic'],
    ['the scheme and a space', 'Basic '],
    ['no colon', basic('app')],
    ['an encoded colon alone', basic('app%3As3cret')],
    ['what is not base64', 'Basic app:s3cret'],
    ['base64url', `Basic ${base64('app:???>>>').replace('/', '_').replace('+', '-')}`],
    ['base64 without its padding', `Basic ${base64('app:s3c').replaceAll('=', '')}`],
    ['base64 with too much padding', `Basic ${base64('app:s')}=`],
    ['base64 with bits to spare', 'Basic YTp='],
    ['a space after it', `${basic('app:s3cret')} `],
    ['a second word', `${basic('app:s3cret')} x`],
    ['a comma after it', `${basic('app:s3cret')},`],
    ['what is not UTF-8', basic(Buffer.from('app:caf\xe9', 'latin1'))],
    ['broken percent-encoding in the id', basic('a%2:s3cret')],
    ['broken percent-encoding in the secret', basic('app:s%')],
    ['percent-encoding that is not UTF-8', basic('app:caf%E9')],
  ])('says that a header is broken: %s', (_, header) => {
    expect(basicCredentials(header)).toBeNull();
  });
});
