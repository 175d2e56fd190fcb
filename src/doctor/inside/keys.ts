import { PUBLISHED_KEYS } from '../../config/env.schema.js';
import type { Check, Finding } from '../finding.js';
import type { Installation } from './installation.js';

/** Half of what the weakest algorithm, HS256, can use. */
const ENOUGH_BITS = 128;

/** How many bits a word of a sentence counts, as in Diceware with a short list. */
const BITS_A_WORD = 11;

const isSecret: Check<Installation> = ({ env: { SECRET_KEY } }) => {
  if (SECRET_KEY === undefined) return [];
  if (PUBLISHED_KEYS.includes(SECRET_KEY)) {
    return [weak('key_published', 'serious', 'SECRET_KEY is published in a tutorial')];
  }
  const bits = estimateBits(SECRET_KEY);
  if (bits >= ENOUGH_BITS) return [];
  const what = `SECRET_KEY looks as if it could be guessed: about ${Math.round(bits)} bits`;
  return [weak('key_weak', bits < ENOUGH_BITS / 2 ? 'serious' : 'warning', what)];
};

const isAlone: Check<Installation> = ({ env: { SECRET_KEY, SECRET_KEY_PREVIOUS: previous } }) => {
  if (previous === undefined || previous === null) return [];
  const isSame = previous === SECRET_KEY;
  return [
    {
      id: 'key_previous_left',
      severity: isSame ? 'warning' : 'note',
      what: isSame ? 'SECRET_KEY_PREVIOUS is SECRET_KEY itself' : 'SECRET_KEY_PREVIOUS is set',
      why: 'Anyone who has the previous key can still forge tokens',
      do: 'Remove it once none of its tokens is valid any longer (docs/operating.md, "Change of the key")',
    },
  ];
};

/** An upper bound on how hard a text is to guess: it can't know where the text is from. */
export function estimateBits(key: string): number {
  const pattern = key.slice(0, shortestPeriod(key));
  const words = pattern.match(/\p{L}+/gu) ?? [];
  const isProse = /^[\p{L}\p{P}\p{Z}]+\d{0,4}$/u.test(pattern) && words.every(isWord);
  const byCharacters = bitsACharacter(pattern) * pattern.length;
  return isProse ? Math.min(byCharacters, words.length * BITS_A_WORD) : byCharacters;
}

/** Small letters, or a capital first: random base64url is hardly ever so. */
function isWord(text: string): boolean {
  return /^\p{L}\p{Ll}*$/u.test(text);
}

/** After how many characters the text repeats. */
function shortestPeriod(text: string): number {
  for (let period = 1; period < text.length; period++) {
    if (text.slice(period) === text.slice(0, -period)) return period;
  }
  return text.length;
}

/** Shannon entropy of the character frequencies. */
function bitsACharacter(text: string): number {
  const characters = Array.from(text);
  const counts = new Map<string, number>();
  for (const one of characters) counts.set(one, (counts.get(one) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) {
    const share = count / characters.length;
    bits -= share * Math.log2(share);
  }
  return bits;
}

function weak(id: string, severity: Finding['severity'], what: string): Finding {
  return {
    id,
    severity,
    what,
    why: 'Anyone who has the key can pose as any user: it signs tokens and decrypts the stored key pairs',
    do: 'Generate one with `latchkey secret generate`, without a previous one (docs/operating.md, "Change of the key")',
  };
}

export const keyChecks: readonly Check<Installation>[] = [isSecret, isAlone];
