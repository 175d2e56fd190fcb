const FIELDS = ['token', 'token_type_hint', 'client_id', 'client_secret'] as const;

/** The fields of the form of RFC 7009 §2.1 and RFC 7662 §2.1, for `@FormBody`. */
export const TOKEN_FIELDS: readonly string[] = FIELDS;

export type TokenParameterForm = ReadonlyMap<(typeof FIELDS)[number], string>;

/** No latchkey token is longer, in characters: it would not fit in a header. */
export const LONGEST_TOKEN = 8_192;
