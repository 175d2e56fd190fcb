/** The parts of a PHC string. */
export interface PhcParts {
  id: string;
  version: number | undefined;
  /**
   * The values of the parameters, if exactly these are present, in any order; '' is one without a name.
   * @returns an empty array otherwise
   */
  numbers: (...names: string[]) => number[];
  salt: Buffer;
  digest: Buffer;
}

const PHC =
  /^\$([a-z0-9-]{1,32})(?:\$v=(\d{1,3}))?\$([a-z0-9=,]{1,64})\$([A-Za-z0-9+/.]{1,176})\$([A-Za-z0-9+/.]{1,176})$/;
const PARAMETER = /^(?:([a-z]{1,3})=)?(\d{1,10})$/;

/**
 * Takes `$id$v=version$parameters$salt$digest` apart (github.com/P-H-C/phc-string-format); also with passlib's base64,
 * which has a dot instead of the plus.
 * @returns undefined unless all of it is well-formed
 */
export function parsePhc(text: string): PhcParts | undefined {
  const [, id, version, parameterText = '', saltText = '', digestText = ''] = PHC.exec(text) ?? [];
  const parameters = parseParameters(parameterText);
  const salt = decodeBase64(saltText);
  const digest = decodeBase64(digestText);
  if (id === undefined || !parameters || !salt || !digest) return undefined;
  const numbers = (...names: string[]) => {
    const values = names.flatMap((name) => parameters.get(name) ?? []);
    return values.length === names.length && parameters.size === names.length ? values : [];
  };
  return {
    id,
    version: version === undefined ? undefined : Number(version),
    numbers,
    salt,
    digest,
  };
}

function parseParameters(text: string): Map<string, number> | undefined {
  const parameters = new Map<string, number>();
  for (const word of text.split(',')) {
    const [, name = '', digits] = PARAMETER.exec(word) ?? [];
    if (digits === undefined || parameters.has(name)) return undefined;
    parameters.set(name, wholeNumber(digits));
  }
  return parameters;
}

/** Decimal digits without leading zeros. @returns 0 for anything else */
export function wholeNumber(digits: string): number {
  return /^[1-9]\d*$/.test(digits) ? Number(digits) : 0;
}

/** Standard base64 with its padding or without, or passlib's. @returns undefined for anything else */
export function decodeBase64(text: string): Buffer | undefined {
  const plain = text.replaceAll('.', '+');
  const bytes = Buffer.from(plain, 'base64');
  const written = bytes.toString('base64');
  return plain === written || plain === written.replace(/=+$/, '') ? bytes : undefined;
}
