import { isUtf8 } from 'node:buffer';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import type { Request, Response } from 'express';
import { FormNotUtf8 } from './form-errors.js';
import { InvalidRequest } from './oauth-error.js';
import { LARGEST_BODY_BYTES, readRawBody } from './raw-body.js';

const MOST_FIELDS = 100;

/** Fields as they came, in order: a name can stand there twice. */
export type FormFields = [name: string, value: string][];

/**
 * Reads the fields of an `application/x-www-form-urlencoded` body, or of a `multipart/form-data` body with
 * text fields only. Strictly: what is not valid UTF-8 or percent-encoding is refused, never repaired.
 * @throws InvalidRequest
 * @throws body-parser's errors for a body that is too large, compressed, or cut short
 */
export async function readFormFields(request: Request, response: Response): Promise<FormFields> {
  const contentType = request.headers['content-type'];
  const mediaType = contentType?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/x-www-form-urlencoded' && mediaType !== 'multipart/form-data') {
    throw new InvalidRequest(
      'Send the form as application/x-www-form-urlencoded or multipart/form-data',
    );
  }
  checkCharset(String(contentType));
  const body = await readRawBody(request, response);
  if (!isUtf8(body)) throw new FormNotUtf8();
  const fields =
    mediaType === 'multipart/form-data'
      ? await parseMultipart(body, String(contentType))
      : parseUrlencoded(body.toString());
  checkCount(fields.length);
  return fields;
}

function checkCount(fields: number): void {
  if (fields <= MOST_FIELDS) return;
  throw new InvalidRequest(`The form has more than ${MOST_FIELDS} fields`);
}

function checkCharset(contentType: string): void {
  for (const parameter of contentType.split(';').slice(1)) {
    const [name = '', value = ''] = parameter
      .split('=', 2)
      .map((part) => part.trim().toLowerCase());
    if (name === 'charset' && !/^("utf-?8"|utf-?8)$/.test(value)) {
      throw new InvalidRequest('Send the form in UTF-8');
    }
  }
}

/** The URL Standard's parser, but for its leniency. */
function parseUrlencoded(text: string): FormFields {
  const pairs = text.split('&').filter((pair) => pair !== '');
  checkCount(pairs.length);
  return pairs.map((pair) => {
    const equals = pair.indexOf('=');
    return equals === -1
      ? [decode(pair), '']
      : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
  });
}

function decode(text: string): string {
  const decoded = decodeFormText(text);
  if (decoded === undefined) {
    throw new InvalidRequest('The form has broken percent-encoding, or is not UTF-8');
  }
  return decoded;
}

/** One name or value of application/x-www-form-urlencoded. @returns undefined for broken percent-encoding */
export function decodeFormText(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** What would have the parser read a part's text, or its name, in another encoding than UTF-8. */
const RECODED = [
  /^content-type:.*;\s*charset\s*=(?!\s*"?utf-?8"?\s*(;|$))/im,
  /^content-transfer-encoding:(?!\s*(7bit|8bit|binary)\s*$)/im,
  /^content-disposition:.*;\s*name\*/im,
];

/** The parser obeys what a part says of its encoding; RFC 7578 §4.6 and §4.7 leave nothing but UTF-8 to say. */
function checkPartHeaders(body: Buffer, contentType: string): void {
  const boundary = /;\s*boundary=(?:"([^"]*)"|([^;\s]*))/i.exec(contentType);
  const parts = body.toString().split(`--${boundary?.[1] ?? boundary?.[2]}`);
  for (const part of parts.slice(1)) {
    const [headers = ''] = part.split('\r\n\r\n', 1);
    const unfolded = headers.replace(/\r\n[ \t]+/g, ' ').replaceAll('\r', '');
    if (RECODED.some((pattern) => pattern.test(unfolded))) {
      throw new InvalidRequest('Send every part of the form in UTF-8');
    }
  }
}

function parseMultipart(body: Buffer, contentType: string): Promise<FormFields> {
  checkPartHeaders(body, contentType);
  return new Promise((resolve, reject) => {
    const fields: FormFields = [];
    const refuse = (detail: string) => reject(new InvalidRequest(detail));
    const parser = openParser(contentType);
    parser.on('field', (name: string | undefined, value) => {
      if (name === undefined) refuse('Every part of the multipart form must have a name');
      else fields.push([name, value]);
    });
    parser.on('filesLimit', () => refuse('The form must have text fields only, no files'));
    parser.on('error', () => refuse('The multipart form could not be read'));
    parser.on('finish', () => resolve(fields));
    parser.end(body);
  });
}

/** @throws InvalidRequest for a content type without a boundary */
function openParser(contentType: string): BusboyInstance {
  try {
    // No file is ever opened: the stream of one that is cut short would throw where it can't be caught.
    const limits = { parts: MOST_FIELDS + 1, fieldSize: LARGEST_BODY_BYTES, files: 0 };
    return new Busboy({ headers: { 'content-type': contentType }, limits });
  } catch {
    throw new InvalidRequest('The multipart form has no boundary');
  }
}
