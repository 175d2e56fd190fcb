import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const text = readFileSync('docs/security.md', 'utf8');

/** The requirements: number, what, state, and on the next line what shows it. */
const rows = [...text.matchAll(/^- (\d+\.\d+\.\d+) (.+): \*\*(.+)\*\*\.$(?:\n {2}(.+)$)?/gm)].map(
  ([, number = '', what, state = '', why = '']) => ({ number, what, state, why }),
);

/** What a row refers to: `[name](path)`, for a test with its title behind it in quotes. */
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

describe('What security.md says of ASVS', () => {
  it('has a row for each requirement, in order', () => {
    const numbers = Object.entries(SECTIONS).flatMap(([chapter, sizes]) =>
      sizes.flatMap((size, i) =>
        Array.from({ length: size }, (_, j) => `${chapter}.${i + 1}.${j + 1}`),
      ),
    );
    expect(rows.map(({ number }) => number)).toEqual(numbers);
  });

  it('has a state in every row, and a reason where it is not simply held', () => {
    const states = ['held', 'in part', 'not held', 'not applicable'];
    expect(rows.filter(({ state }) => !states.includes(state))).toEqual([]);
    const unfounded = rows.filter(({ state, why }) => why === '' && state !== 'not applicable');
    expect(unfounded).toEqual([]);
  });

  it('refers to files that there are', () => {
    const missing = references.filter(({ path }) => !existsSync(resolve('docs', path)));
    expect(missing).toEqual([]);
  });

  it('names tests that there are', () => {
    const titled = references.filter(({ title }) => title !== undefined);
    expect(titled.length).toBeGreaterThan(50);
    const missing = titled.filter(
      ({ path, title }) => !readFileSync(resolve('docs', path), 'utf8').includes(title!),
    );
    expect(missing).toEqual([]);
  });
});
