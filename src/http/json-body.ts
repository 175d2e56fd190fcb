import { isUtf8 } from 'node:buffer';
import { applyDecorators } from '@nestjs/common';
import { ApiBody } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import * as z from 'zod';
import { ReadBody } from './read-body.decorator.js';
import { checkFields } from './check-fields.js';
import { isObject } from '../common/is-object.js';
import { readRawBody } from './raw-body.js';
import { InvalidJson, NotCalledJson } from './request-errors.js';

/**
 * The handler takes a JSON object in the body, which is read once the caller is known, checked by the schema, and
 * described by it on the docs page.
 */
export function JsonBody(schema: z.ZodObject, example: object) {
  const described = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  delete described.$schema;
  return applyDecorators(
    ReadBody(async (request, response) =>
      checkFields(schema, parseJson(await readJson(request, response))),
    ),
    ApiBody({
      schema: described as object,
      required: true,
      examples: { body: { value: example } },
    }),
  );
}

/**
 * @throws NotCalledJson
 * @throws InvalidJson unless it is UTF-8
 */
async function readJson(request: Request, response: Response): Promise<string> {
  const contentType = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;\s*charset\s*=\s*("utf-?8"|utf-?8)\s*)?;?$/i.test(contentType)) {
    throw new NotCalledJson();
  }
  const body = await readRawBody(request, response);
  if (!isUtf8(body)) throw new InvalidJson('encoding');
  return body.toString();
}

/** @throws InvalidJson */
function parseJson(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidJson('syntax');
  }
  if (isObject(value)) return value;
  throw new InvalidJson('type');
}
