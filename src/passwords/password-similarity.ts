import { canonicalName } from '../common/canonical-text.js';

/** The usual way to write letters as digits and signs; `i` and `l` are one, since `1` stands for both. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', $: 's', '!': 'i' },
  l: 'i',
};

const LETTER = /[\p{L}\p{M}]/u;
const LETTER_OR_DIGIT = /[\p{L}\p{M}\p{Nd}]/u;

/** A word of so few letters, or so few digits, is in many passwords by chance. */
const FEW_LETTERS = 3;
const FEW_DIGITS = 6;

/** The simplified form of a password: each sign with the letter that it may stand for. */
interface Sign {
  text: string;
  letter: string | undefined;
  isLetter: boolean;
}

/**
 * Is the password no more than the name with trifles added: other case, letters written as digits, digits, signs and
 * spaces around or between, several times, or backwards? One with other letters in addition is not.
 */
export function isLike(password: string, name: string): boolean {
  const form = canonicalName(name);
  if (canonicalName(password) === form) return true;
  const signs = signsOf(canonicalName(password));
  return wordsOf(form).some((word) => isMadeOf(signs, word) || isMadeOf(signs, word.toReversed()));
}

function signsOf(form: string): Sign[] {
  return Array.from(form, (text) => {
    const isLetter = LETTER.test(text);
    return { text, isLetter, letter: LETTERS[text] ?? (isLetter ? text : undefined) };
  });
}

/** The name in letters alone, and with its digits read as letters; one without letters, in digits. */
function wordsOf(form: string): string[][] {
  const signs = signsOf(form);
  const letters = signs.filter(({ isLetter }) => isLetter);
  if (letters.length === 0) return [signs.map(({ text }) => text).filter(isDigit)].filter(hasAny);
  const swapped = signs.filter(({ text, isLetter }) => isLetter || isDigit(text));
  return [letters, swapped].map((word) => word.flatMap(({ letter }) => letter ?? []));
}

function isMadeOf(signs: readonly Sign[], word: readonly string[]): boolean {
  if (isDigit(word[0] ?? '')) {
    const plain = signs.filter(({ text }) => LETTER_OR_DIGIT.test(text));
    const digits = plain.map(({ text, isLetter }) => (isLetter ? undefined : text));
    return isRepeated(digits, word, word.length < FEW_DIGITS ? [] : digits.map((text) => !!text));
  }
  const letters = signs.filter(({ isLetter }) => isLetter);
  if (
    isRepeated(
      letters.map(({ letter }) => letter),
      word,
      [],
    )
  )
    return true;
  const read = signs.filter(({ letter, text }) => letter !== undefined || isDigit(text));
  // A number has every short word in it somewhere.
  const isLoose = letters.length > 0 && word.length >= FEW_LETTERS;
  const gaps = isLoose ? read.map(({ isLetter }) => !isLetter) : [];
  return isRepeated(
    read.map(({ letter }) => letter),
    word,
    gaps,
  );
}

/**
 * Is it the word, once or more often?
 * @param gaps which of the signs may also appear before, between and after the words
 */
function isRepeated(
  signs: readonly (string | undefined)[],
  word: readonly string[],
  gaps: readonly boolean[],
): boolean {
  // How much of the word may have been read: 0 before the first, all of it between two.
  let places = new Set([0]);
  for (const [index, sign] of signs.entries()) {
    const next = new Set<number>();
    for (const place of places) {
      const isBetween = place === 0 || place === word.length;
      if (isBetween && gaps[index]) next.add(place);
      if (sign === word[place % word.length]) next.add((place % word.length) + 1);
    }
    places = next;
  }
  return places.has(word.length);
}

function isDigit(text: string): boolean {
  return /\p{Nd}/u.test(text);
}

function hasAny(word: readonly string[]): boolean {
  return word.length > 0;
}
