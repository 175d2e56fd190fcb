/**
 * The form in which usernames are unique: NFKC, then case-folded the wide way, through the capitals, so that letters
 * that share one (`i` and the dotless `ı`, `s` and `ſ`, `ß` and `ss`) are the same.
 */
export function canonicalName(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}

/**
 * The form in which e-mail addresses are unique: the letters of ASCII in lower case. No others: a look-alike of an
 * address must never be taken for it.
 */
export function canonicalAddress(address: string): string {
  return address.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
