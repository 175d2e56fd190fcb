import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { PasswordSettings } from '../config/settings.js';

/** How long the request may take in all, in milliseconds, and how large the response may be, in bytes. */
const PATIENCE_MS = 1_000;
const LARGEST_ANSWER_BYTES = 512 * 1024;

/** How many of a hash's 40 hex digits are sent. */
const TOLD = 5;

const LINE = /^([0-9A-F]{35}):(\d{1,12})$/;

/**
 * Queries a collection of breached passwords, without disclosing which password it is about: the first digits of its
 * SHA-1 are sent, the suffixes of all hashes with this prefix come back (haveibeenpwned.com/API/v3#PwnedPasswords).
 */
@Injectable()
export class PwnedPasswords {
  constructor(
    private readonly settings: PasswordSettings,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext('PwnedPasswords');
  }

  /** False where the check is off, and where there is no usable answer in time, which is logged. */
  async has(password: string): Promise<boolean> {
    const { pwnedPasswordsUrl } = this.settings;
    if (pwnedPasswordsUrl === null) return false;
    const hash = createHash('sha1').update(password).digest('hex').toUpperCase();
    const url = `${pwnedPasswordsUrl.replace(/\/$/, '')}/${hash.slice(0, TOLD)}`;
    try {
      return listsEnding(await ask(url), hash.slice(TOLD));
    } catch (error) {
      this.logger.warn(
        { reason: reasonOf(error) },
        'a password was not looked up among known ones',
      );
      return false;
    }
  }
}

/** @throws Error for an unusable response, or none in time */
async function ask(url: string): Promise<string> {
  const response = await fetch(url, {
    headers: { 'Add-Padding': 'true', 'User-Agent': 'latchkey' },
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const { body, ok, status } = response;
  if (!ok || body === null) {
    await body?.cancel();
    throw new UnusableAnswer(`the answer has status ${status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > LARGEST_ANSWER_BYTES) throw new UnusableAnswer('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}

/**
 * Lines that pad the answer have a count of 0.
 * @throws Error unless every line is one of the list
 */
function listsEnding(answer: string, ending: string): boolean {
  const lines = answer.trimEnd().split(/\r?\n/);
  const entries = lines.map((line) => LINE.exec(line));
  if (entries.includes(null)) throw new UnusableAnswer('the answer is not a list of hashes');
  return entries.some((entry) => entry?.[1] === ending && Number(entry[2]) > 0);
}

class UnusableAnswer extends Error {}

/** In words that contain nothing of the request, and so nothing of the password. */
function reasonOf(error: unknown): string {
  if (error instanceof UnusableAnswer) return error.message;
  const { name, cause } = error as { name?: unknown; cause?: { code?: unknown } };
  if (name === 'TimeoutError') return `no answer within ${PATIENCE_MS} ms`;
  return String(cause?.code ?? name);
}
