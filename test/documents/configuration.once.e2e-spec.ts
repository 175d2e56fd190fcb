import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { envSchema } from '../../src/config/env.schema.js';

const headings = [
  ...readFileSync('docs/configuration.md', 'utf8').matchAll(/^### `(\w+)`\n\nDefault: (.*)$/gm),
];
const documented = new Map(headings.map(([, name, text]) => [String(name), String(text)]));
const schemas = Object.entries(envSchema.shape);

/** What a variable comes to; undefined where it must be set. */
function valueOf(name: string, text: string | undefined): unknown {
  const schema = schemas.find(([other]) => other === name)?.[1];
  const parsed = schema?.safeParse(text);
  return parsed?.success ? parsed.data : undefined;
}

describe('docs/configuration.md', () => {
  it('has a heading for each variable, and for no other', () => {
    expect([...documented.keys()].sort()).toEqual(schemas.map(([name]) => name).sort());
  });

  it.each(schemas.map(([name]) => name))('has the default of %s', (name) => {
    const text = /^`([^`]*)`/.exec(documented.get(name) ?? '')?.[1];
    const isNone = (documented.get(name) ?? '').startsWith('none');
    expect(isNone).toBe(text === undefined);
    const value = valueOf(name, undefined);
    if (text === undefined) expect([null, undefined, []]).toContainEqual(value);
    else expect(valueOf(name, text)).toEqual(value);
  });
});
