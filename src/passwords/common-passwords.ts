/** The list is large, and read only when it is needed. */
let passwords: Promise<ReadonlySet<string>> | undefined;

/** Is it one of the 49,233 most common passwords, in any case? */
export async function isCommonPassword(password: string): Promise<boolean> {
  passwords ??= readList();
  return (await passwords).has(password.toLowerCase());
}

/** All of the list is in lower case. */
async function readList(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common']);
}
