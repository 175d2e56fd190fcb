import Mustache from 'mustache';

type Variables = Record<string, string>;

/** The first line of a text, and the empty one after it. */
const SUBJECT = /^\uFEFF?Subject:[ \t]*(\S[^\r\n]*)\r?\n\r?\n/;

/** Anything that could start a line, or reorder the text around it. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const SHARED = ['app_name', 'app_url'];

/** One file of a message: the text, with its subject before it, or the HTML. */
export class MailTemplate {
  private readonly writer = new Mustache.Writer();

  private constructor(
    private readonly subject: string,
    private readonly body: string,
    private readonly isHtml: boolean,
    private readonly names: ReadonlySet<string>,
  ) {}

  /**
   * @param path of the file, whose extension says whether it is HTML
   * @param variables what it may use besides `app_name` and `app_url`
   * @throws Error that says what is wrong with it
   */
  static parse(source: string, path: string, variables: readonly string[]): MailTemplate {
    const isHtml = path.endsWith('.html');
    const [head = '', subject = ''] = isHtml ? [] : (SUBJECT.exec(source) ?? []);
    if (!isHtml && head === '') {
      throw new Error('expected a first line "Subject: …", and an empty line after it');
    }
    const body = source.slice(head.length);
    if (body.trim() === '') throw new Error('expected a text');
    refuseOthers(namesIn(subject), SHARED, 'the subject');
    const names = namesIn(body);
    refuseOthers(names, [...SHARED, ...variables], 'the message');
    return new MailTemplate(subject, body, isHtml, new Set(names));
  }

  renderSubject(variables: Variables): string {
    return this.fill(this.subject, variables, String);
  }

  /** @throws Error for a variable that it needs and doesn't get */
  render(variables: Variables): string {
    for (const name of this.names) {
      if (variables[name] === undefined) throw new Error(`The message needs ${name}`);
    }
    return this.fill(this.body, variables, this.isHtml ? escapeHtml : String);
  }

  private fill(source: string, variables: Variables, escape: (value: string) => string): string {
    const clean = Object.entries(variables).map(([name, value]) => [
      name,
      value.replace(UNPRINTABLE, '\uFFFD'),
    ]);
    return this.writer.render(source, Object.fromEntries(clean), undefined, { escape });
  }
}

/** Mustache's own escapes slashes too, which not every mail client decodes in a link. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function refuseOthers(names: readonly string[], known: readonly string[], where: string): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new Error(`${where} may use ${known.join(', ')}, and not ${unknown.join(', ')}`);
}

/** @throws Error for what Mustache can't read */
function namesIn(source: string): string[] {
  return tokenNames(Mustache.parse(source));
}

/** The variables of parsed tokens: `[type, name, start, end, tokens within?]`. */
function tokenNames(tokens: unknown[][]): string[] {
  return tokens.flatMap(([type, name, , , within]) => {
    if (type === '>') throw new Error('other templates can not be included');
    const inner = Array.isArray(within) ? tokenNames(within as unknown[][]) : [];
    return type === 'text' || type === '!' || type === '=' ? inner : [String(name), ...inner];
  });
}
