#!/usr/bin/env node
// npm runs `node-gyp rebuild` in every package with a binding.gyp. better-sqlite3 13 says there that it has nothing to
// do where it brings a binary, but node-gyp needs Python and make to find that out, and where they are missing npm
// silently leaves the package out, as an optional one. Everything else is left to npm's own node-gyp.
const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');

/** better-sqlite3's own check, which its binding.gyp runs. */
const HAS_BINARY = 'lib/binding.js';

const run = (...args) => spawnSync(process.execPath, args, { encoding: 'utf8' });

if (existsSync(HAS_BINARY) && run(HAS_BINARY).stdout.trim() === '1') process.exit(0);

// npm says where its own is.
const args = [process.env.npm_config_node_gyp, ...process.argv.slice(2)];
// SQLite is one file of 9 MB: as its authors compile it, it takes two thirds of the time that -O3 takes.
const env = { ...process.env, CFLAGS: process.env.CFLAGS ?? '-O2' };
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env });
process.exit(status ?? 1);
