import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const text = readFileSync('docs/security.md', 'utf8');

/** The items of the lists of requirements, `- **number** what: state. why`. */
const rows = [
  ...text.matchAll(/^- \*\*(\d+\.\d+\.\d+)\*\* (.*?): ((?:_|\*\*).*?(?:_|\*\*))\.(.*)$/gm),
].map(([, number = '', what, state = '', why = '']) => ({ number, what, state, why: why.trim() }));

/** What an item refers to: `[name](path)`, for a test followed by its title in quotes. */
const references = rows.flatMap(({ number, why }) =>
  [...why.matchAll(/\[[^\]]+\]\(([^)#]+)[^)]*\)(?: "([^"]+)")?/g)].map(([, path = '', title]) => ({
    number,
    path,
    title,
  })),
);

/** How many requirements the chapters of ASVS 5.0 have: 6.1, 6.2, ... */
const SECTIONS: Record<string, number[]> = {
  6: [3, 12, 8, 6, 8, 4, 2, 4],
  7: [3, 4, 2, 5, 3, 2],
  9: [3, 4],
  10: [2, 3, 5, 16, 5, 2, 3],
};

describe('What security.md says about ASVS', () => {
  it('has an item for each requirement, in order', () => {
    const numbers = Object.entries(SECTIONS).flatMap(([chapter, sizes]) =>
      sizes.flatMap((size, i) =>
        Array.from({ length: size }, (_, j) => `${chapter}.${i + 1}.${j + 1}`),
      ),
    );
    expect(rows.map(({ number }) => number)).toEqual(numbers);
  });

  it('has a state in every item, and a reason where it is not simply held', () => {
    const states = ['_held_', '_in part_', '**not held**', '_not applicable_'];
    expect(rows.filter(({ state }) => !states.includes(state))).toEqual([]);
    const unfounded = rows.filter(({ state, why }) => why === '' && state !== '_not applicable_');
    expect(unfounded).toEqual([]);
  });

  it('refers to existing files', () => {
    const missing = references.filter(({ path }) => !existsSync(resolve('docs', path)));
    expect(missing).toEqual([]);
  });

  it('names existing tests', () => {
    const titled = references.filter(({ title }) => title !== undefined);
    expect(titled.length).toBeGreaterThan(50);
    const missing = titled.filter(
      ({ path, title }) => !readFileSync(resolve('docs', path), 'utf8').includes(title!),
    );
    expect(missing).toEqual([]);
  });
});
