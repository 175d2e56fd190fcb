import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { InvalidFields } from './invalid-fields.js';
import { checkFields } from './check-fields.js';

const schema = z.strictObject({ name: z.string(), age: z.number().optional() });

function errorsOf(value: unknown) {
  try {
    checkFields(schema, value);
    return [];
  } catch (error) {
    if (error instanceof InvalidFields) return error.errors ?? [];
    throw error;
  }
}

describe('the fields of a body', () => {
  it('are taken as the schema has them', () => {
    expect(checkFields(schema, { name: 'x', age: 3 })).toEqual({ name: 'x', age: 3 });
  });

  it('are all named that are wrong, missing or not known', () => {
    expect(errorsOf({ age: '3', admin: true, id: 1 })).toEqual([
      { field: 'name', message: 'is required' },
      { field: 'age', message: 'must be of type number' },
      { field: 'admin', message: 'unknown field' },
      { field: 'id', message: 'unknown field' },
    ]);
  });

  it('are refused as null', () => {
    expect(errorsOf({ name: null })).toEqual([
      { field: 'name', message: 'must be of type string' },
    ]);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'are no door to what every object has: %s',
    (name) => {
      const value: unknown = JSON.parse(`{"name": "x", "${name}": {"admin": true}}`);
      expect(errorsOf(value)).toEqual([{ field: name, message: 'unknown field' }]);
    },
  );

  it('are named twenty at most, and none at length', () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`field${i}`, i]));
    expect(errorsOf({ name: 'x', ...many })).toHaveLength(20);
    const [long] = errorsOf({ name: 'x', ['😀'.repeat(9_000)]: 1 });
    expect(Array.from(long!.field)).toEqual(Array.from({ length: 64 }, () => '😀'));
  });
});
