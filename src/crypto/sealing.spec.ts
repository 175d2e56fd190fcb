import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Sealing } from './sealing.js';

const [current, previous, foreign] = [1, 2, 3].map(() => createSecretKey(randomBytes(32)));
const TEXT = 'a secret in any script: 雪';
const sealing = new Sealing([current!]);

describe('Sealing', () => {
  it('opens what it sealed, under the same label', () => {
    const sealed = sealing.seal(TEXT, 'label');
    expect(sealing.open(sealed, 'label')).toEqual({ text: TEXT, isUnderPrevious: false });
  });

  it('seals the same text differently each time', () => {
    expect(sealing.seal(TEXT, 'label')).not.toBe(sealing.seal(TEXT, 'label'));
  });

  it('opens under the previous key too, and says so', () => {
    const sealed = new Sealing([previous!]).seal(TEXT, 'label');
    const opened = new Sealing([current!, previous!]).open(sealed, 'label');
    expect(opened).toEqual({ text: TEXT, isUnderPrevious: true });
  });

  it.each([
    ['under another label', sealing.seal(TEXT, 'other')],
    ['under another key', new Sealing([foreign!]).seal(TEXT, 'label')],
    ['and then cut', sealing.seal(TEXT, 'label').slice(0, -4)],
    ['shorter than an empty text', 'AAAA'],
    ['not at all', ''],
    ['as plain text', '{"kty":"EC","crv":"P-256","d":"AAAA","x":"AAAA","y":"AAAA"}'],
  ])('does not open what was sealed %s', (_, sealed) => {
    expect(sealing.open(sealed, 'label')).toBeUndefined();
  });

  it('does not open what was changed anywhere', () => {
    const bytes = Buffer.from(sealing.seal('x', 'label'), 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(i) ^ 1, i);
      expect(sealing.open(changed.toString('base64url'), 'label')).toBeUndefined();
    }
  });
});
