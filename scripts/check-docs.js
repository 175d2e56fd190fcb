/**
 * Checks the tracked Markdown files: each relative link leads to a file, and its anchor to a heading, that exists; no
 * row of a table is wider than 120 characters in its source. Prints each problem as `file:line: problem`; ends with 1
 * if there is any.
 * Usage: node scripts/check-docs.js
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const WIDEST_ROW = 120;

/** `[text](target)` or `![text](target "title")`, and `[name]: target`. */
const LINK = /\]\(\s*<?([^)\s>]+)[^)]*\)|^\s*\[[^\]]+\]:\s*<?([^\s>]+)/g;

const files = execFileSync('git', ['ls-files', '-z', '*.md'], { encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && existsSync(path));
const anchors = new Map();
const problems = files.flatMap(problemsIn);
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;

function problemsIn(path) {
  return proseOf(path).flatMap(({ text, number }) => {
    const found = linksIn(text).filter((target) => !leadsSomewhere(path, target));
    const width = text.startsWith('|') ? [...text].length : 0;
    if (width > WIDEST_ROW) found.push(`a table row of ${width} characters`);
    return found.map((what) => `${path}:${number}: ${what}`);
  });
}

/** The lines of a file that are not in a fenced block of code, with their numbers. */
function proseOf(path) {
  let fence;
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((text, index) => ({ text, number: index + 1 }))
    .filter(({ text }) => {
      const mark = /^\s*(`{3,}|~{3,})/.exec(text)?.[1];
      if (mark === undefined) return fence === undefined;
      if (fence === undefined) fence = mark;
      else if (mark.startsWith(fence)) fence = undefined;
      return false;
    });
}

/** The relative targets in a line; what stands in code is no link. */
function linksIn(text) {
  const links = text.replace(/(`+)(?!`).*?[^`]\1(?!`)/g, '``').matchAll(LINK);
  const targets = [...links].map(([, inline, defined]) => inline ?? defined);
  return targets.filter((target) => !/^([a-z][a-z\d+.-]*:|\/\/)/i.test(target));
}

function leadsSomewhere(from, target) {
  const [file, anchor] = target.split('#').map(decodeURIComponent);
  const path = file === '' ? from : normalize(join(dirname(from), file));
  if (!existsSync(path)) return false;
  return !anchor || !path.endsWith('.md') || anchorsOf(path).has(anchor);
}

/** The anchors that GitHub gives the headings of a file: a heading that is there already gets a number. */
function anchorsOf(path) {
  if (anchors.has(path)) return anchors.get(path);
  const found = new Set();
  for (const { text } of proseOf(path)) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(text)?.[1];
    if (heading === undefined) continue;
    const words = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = words.replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '').replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; found.has(anchor); count++) anchor = `${slug}-${count}`;
    found.add(anchor);
  }
  anchors.set(path, found);
  return found;
}
