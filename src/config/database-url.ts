export type DatabaseTarget = { type: 'sqlite'; path: string } | { type: 'postgres'; url: string };

/** Reads SQLAlchemy's forms of a database URL; undefined for any other. */
export function parseDatabaseUrl(value: string): DatabaseTarget | undefined {
  const scheme = /^([a-z]+):\/\//.exec(value)?.[1];
  if (scheme === 'postgresql' || scheme === 'postgres') {
    return isServerUrl(value) ? { type: 'postgres', url: value } : undefined;
  }
  if (scheme !== 'sqlite' || /[?#\0]/.test(value)) return undefined;
  const rest = value.slice('sqlite://'.length);
  if (rest === '' || rest === '/:memory:') return { type: 'sqlite', path: ':memory:' };
  if (!rest.startsWith('/') || rest.length < 2 || rest.endsWith('/')) return undefined;
  return { type: 'sqlite', path: rest.slice(1) };
}

/** The driver decodes the parts of the URL, and fails on a literal percent sign. */
function isServerUrl(value: string): boolean {
  try {
    return new URL(value).hostname !== '' && decodeURIComponent(value) !== '';
  } catch {
    return false;
  }
}
