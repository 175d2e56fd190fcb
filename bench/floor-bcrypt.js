// The floor of a login: bcrypt.compare alone, one per core at a time, for the given seconds. Prints hashes a second.
import { availableParallelism } from 'node:os';
import bcrypt from 'bcrypt';

const [hash, seconds] = process.argv.slice(2);
const begin = performance.now();
const end = begin + Number(seconds) * 1000;
let done = 0;

async function compareUntilEnd() {
  while (performance.now() < end) {
    await bcrypt.compare('not the password', hash);
    done++;
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, compareUntilEnd));
console.log((done / (performance.now() - begin)) * 1000);
